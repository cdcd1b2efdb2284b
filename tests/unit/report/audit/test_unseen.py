"""No form of any command shows what cannot be seen, whatever a node, a file or a resource holds."""

import json
import sys
import unicodedata

import pytest

from calico_bgp.report.text.sanitize import csv_cell, json_text, xml_text

#: Escape sequences, C1 controls, bidirectional overrides, zero-width and tag characters, line separators.
HOSTILE = "a\x1b[31mb\x9b2Jc\u202ed\u2066e\u200bf\u2028g\U000e0041h\x85i\x07j\x7fk\ufeffl"
_UNSEEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}


def unseen(text):
    return [hex(ord(c)) for c in set(text) if unicodedata.category(c) in _UNSEEN and c not in "\n\t"]


def test_every_character_of_unicode():
    everything = [chr(n) for n in range(0x20, sys.maxunicode + 1)]
    for start in range(0, len(everything), 20_000):
        text = "x".join(everything[start : start + 20_000])  # so that no two surrogates make a pair
        document = json.dumps(text, ensure_ascii=False)
        shown = json_text(document)
        assert not unseen(shown)
        is_whole = json.loads(shown) == text
        assert is_whole
        assert not unseen(xml_text(text))


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", " =1", "\t=1", "\uff1dcmd|x", "\u200b=1", "\x1b[1m=1"]
)
def test_no_cell_is_a_formula(text):
    assert csv_cell(text).startswith("'")


@pytest.fixture
def files(tmp_path):
    paste = tmp_path / "paste.txt"
    paste.write_text(
        f"root@n{HOSTILE}1:~# calicoctl node status\nCalico process is running.\n\nIPv4 BGP status\n"
        f"| 10.0.0.2{HOSTILE} | node-to-node mesh | start | 10:00:0{HOSTILE} | Active Socket: {HOSTILE} |\n"
        f"| 10.0.0.3 | node-to-node mesh | start | 10:00:00 | Active Socket: {HOSTILE} |\n"
        f"| 10.0.0.4 | {HOSTILE} | {HOSTILE} | =cmd | {HOSTILE} |\n"
        f"{HOSTILE}\n\nIPv6 BGP status\nNo IPv6 peers found.\n\n",
        encoding="utf-8",
    )
    name = json.dumps("n" + HOSTILE)
    nodes = [
        {
            "apiVersion": "projectcalico.org/v3",
            "kind": "Node",
            "metadata": {"name": f"n{n}{HOSTILE}", "labels": {"rack" + HOSTILE: HOSTILE, "route-reflector": "true"}},
            "spec": {"bgp": {"ipv4Address": f"10.0.0.{n}/24", "routeReflectorClusterID": HOSTILE if n < 2 else ""}},
        }
        for n in (1, 2, 3)
    ]
    peers = [
        {
            "apiVersion": "projectcalico.org/v3",
            "kind": "BGPPeer",
            "metadata": {"name": "p" + HOSTILE},
            "spec": {"nodeSelector": f"has({HOSTILE}", "peerIP": "10.0.0.9" + HOSTILE, "password": {"name": HOSTILE}},
        },
        {
            "apiVersion": "projectcalico.org/v3",
            "kind": "BGPPeer",
            "metadata": {"name": "q" + HOSTILE},
            "spec": {"nodeSelector": "all()", "peerSelector": "route-reflector == 'true'"},
        },
    ]
    resources = tmp_path / f"r{HOSTILE}.json"
    resources.write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": nodes + peers}), encoding="utf-8")
    assert name
    return {"paste": paste, "resources": resources, "node": f"n1{HOSTILE}"}


COMMANDS = [
    *(("audit", "--pasted", "{paste}", "--format", form) for form in ("text", "json", "junit", "markdown")),
    ("audit", "--pasted", "{paste}", "--verbose", "--color"),
    ("audit", "--pasted", "{paste}", "--resources", "{resources}", "--verbose", "--color"),
    ("audit", "--pasted", "{paste}", "--resources", "{resources}", "--format", "json"),
    *(("status", "--pasted", "{paste}", "--format", form) for form in ("text", "json", "csv")),
    *(("parse", "{paste}", "--format", form) for form in ("text", "json")),
    *(("expect", "{resources}", "--format", form) for form in ("text", "json", "bird")),
    *(("lint", "{resources}", "--format", form) for form in ("text", "json", "junit")),
    *(("reach", "--resources", "{resources}", "--format", form) for form in ("text", "json")),
    *(("risks", "--resources", "{resources}", "--format", form) for form in ("text", "json")),
    *(("whatif", "--remove", "{node}", "--resources", "{resources}", "--format", form) for form in ("text", "json")),
    ("drain-check", "{node}", "--resources", "{resources}"),
    *(("plan", "reflectors", "{resources}", "--format", form) for form in ("text", "json")),
    *(("explain", HOSTILE, "--format", form) for form in ("text", "json")),
    ("hosts", "{resources}"),
    ("hosts", "{paste}"),
    ("status", "{paste}"),
    ("audit", "--pasted", "{resources}"),
    ("audit", "--config", "{resources}", "--pasted", "{paste}"),
    ("reach", "--resources", "{resources}", "--down", HOSTILE),
]


@pytest.mark.parametrize(
    "command", COMMANDS, ids=lambda command: " ".join(command[:6]).encode("ascii", "ignore").decode()
)
def test_what_a_command_shows(run_cli, files, command):
    result = run_cli(*(word.format(**files) for word in command))
    shown = result.stdout.replace("\x1b[", "") if "--color" in command else result.stdout
    assert unseen(shown) == []
    assert unseen(result.stderr) == []
    if "--color" in command:
        assert "\x1b[31mb" not in result.stdout
