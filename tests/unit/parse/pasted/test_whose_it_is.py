"""Headings, prompts, prefixes and documents of further programs: each answer on its node, and nobody invented."""

from __future__ import annotations

import json
import quopri

import pytest

from calico_bgp.parse.pasted.hosts.reasons import explain_silence
from calico_bgp.parse.pasted.reader import parse_pasted, says_something
from tests.answers import ONE_PEER

FIRST = ONE_PEER
SECOND = FIRST.replace("192.0.2.12", "192.0.2.11")
#: What the two answers hold: node1's first.
PEERS = ["192.0.2.12", "192.0.2.11"]


def prefixed(prefix: str, text: str) -> str:
    return "".join(f"{prefix}{line}".rstrip(" ") + "\n" for line in text.splitlines())


def whose(text: str) -> list[tuple[str | None, list[str] | None]]:
    """Each status: its node or host, and its peers; None where it was not read."""
    return [
        (status.node or status.host, [peer.address_text for peer in status.peers] if says_something(status) else None)
        for status in parse_pasted(text)
    ]


HEADINGS = {
    "Jira": "h3. Output of {}\n{{noformat}}",
    "Jira's code": "{{code:title={}|borderStyle=solid}}",
    "numbered": "1. {}\n```",
    "numbered with a bracket": "1) {}",
    "counted": "[1/2] {}",
    "counted in words": "(1/2) Node: {}",
    "assignment": "NODE={}",
    "assignment of a host": "hostname={}",
    "with a time": "===== {} 2026-11-30 06:39:39 =====",
    "with a time zone": "== {} at 2026-11-30T06:39:39+00:00",
    "with a beginning": "### BEGIN {} ###",
    "underlined": "{}\n=====\n\n.. code-block:: console\n",
    "underlined with dashes": "{}\n-----\nthe answer:",
    "tail": "==> {}.txt <==",
    "tail of a folder": "==> /tmp/out/{}.log <==",
    "tail of a file in a folder": "==> out/{}/status.txt <==",
    "more": "::::::::::::::\n{}.txt\n::::::::::::::",
    "a pod's node": "*** calico-node-x7k2p on {} ***",
    "emoji": "🔴 {}",
    "check mark": "✅ {}:",
    "BBCode": "[b]{}[/b]\n[code]",
    "bullets": "- {}\n",
    "Kali's prompt": "┌──(root㉿{})-[~]\n└─# calicoctl node status",
    "watch elsewhere": "Every 2.0s: ssh {} calicoctl node status        bastion: Mon Nov 30 06:39:39 2026\n",
}


@pytest.mark.parametrize("form", HEADINGS)
def test_headings(form):
    heading = HEADINGS[form]
    text = f"{heading.format('node1')}\n{FIRST}\n{heading.format('node2')}\n{SECOND}"
    named = [(status.node, [peer.address_text for peer in status.peers]) for status in parse_pasted(text)]
    assert named == [("node1", [PEERS[0]]), ("node2", [PEERS[1]])]


@pytest.mark.parametrize(
    "heading", ["## {} — {}", "=== {}/{} ===", "{1} {0}", "{0} {1}", "--- {0} @ {1} ---", "{0} - {1}", "{0} ({1})"]
)
def test_headings_with_an_address(heading):
    text = "".join(
        f"{heading.format(f'node{place}', f'192.0.2.1{place}')}\n{answer}"
        for place, answer in ((1, FIRST), (2, SECOND))
    )
    found = parse_pasted(text)
    assert [(status.node, *map(str, status.addresses)) for status in found] == [
        ("node1", "192.0.2.11"),
        ("node2", "192.0.2.12"),
    ]


def test_words_alone_are_names_where_each_answer_has_one():
    assert whose(f"athena\n{FIRST}zeus\n{SECOND}") == [("athena", [PEERS[0]]), ("zeus", [PEERS[1]])]


@pytest.mark.parametrize(
    "text",
    [
        f"thanks\n{FIRST}",
        f"before\n{FIRST}after\n{SECOND}",
        f"Hello\n\n{FIRST}",
        f"first\n{FIRST}second\n{SECOND}",
        f"#+BEGIN_EXAMPLE\n{FIRST}#+END_EXAMPLE\n",
        f"$ sh <<EOF\n> calicoctl node status\n> EOF\n{FIRST}",
        f"##[endgroup]\n{FIRST}",
        f"metadata:\n  name: x\ndata:\n  text: |\n{prefixed('    ', FIRST)}",
        f"10.0.0.1 shows\n{FIRST}",
        f"Nodes:\n- node1\n- node2\n- node3\n\nOutput:\n{FIRST}",
        f"node1\nnode2\nnode3\n{FIRST}",
        f"$ cat /etc/hosts\n127.0.0.1 localhost\n192.0.2.11 node1\n192.0.2.12 node2\n$ calicoctl node status\n{FIRST}",
    ],
    ids=["thanks", "before and after", "greeting", "ordinals", "org", "heredoc", "GitHub", "YAML's keys", "prose",
         "list", "names alone", "/etc/hosts"],
)  # fmt: skip
def test_words_that_name_nobody(text):
    assert {name for name, _ in whose(text)} == {None}


def test_a_word_below_a_name_is_no_name():
    text = f"== node1 ==\nhello\n{FIRST}== node2 ==\nthere\n{SECOND}"
    assert whose(text) == [("node1", [PEERS[0]]), ("node2", [PEERS[1]])]


PREFIXES = {
    "initials": "AL> ",
    "Teams": "[10:32] Ann Lee: ",
    "IRC": "10:32 < ann> ",
    "IRC with seconds": "10:32:07 <@ann> ",
    "GitHub's job": "check bgp\tstatus of all\t2026-11-30T06:39:39.1234567Z ",
}


@pytest.mark.parametrize("form", PREFIXES)
def test_prefixes_that_are_no_host(form):
    assert whose(prefixed(PREFIXES[form], f"root@node1:~# calicoctl node status\n{FIRST}")) == [("node1", [PEERS[0]])]


def test_numbers_and_bars_of_bat():
    lines = "".join(f"{number:4d}   │ {line}\n" for number, line in enumerate(FIRST.splitlines(), 1))
    assert whose(f"───────┬────────\n       │ File: out.txt\n───────┼────────\n{lines}") == [(None, [PEERS[0]])]


def test_an_answer_on_one_line():
    assert whose(f"node1: {FIRST!r}\nnode2: {SECOND!r}\n") == [("node1", [PEERS[0]]), ("node2", [PEERS[1]])]


def test_rundeck():
    text = prefixed("06:39:39 [ops@node1 1][NORMAL] ", FIRST) + prefixed("06:39:39 [ops@node2 1][NORMAL] ", SECOND)
    assert whose(text) == [("node1", [PEERS[0]]), ("node2", [PEERS[1]])]


def test_what_was_typed_and_taken_back():
    prompt = "\x1b[01;32mroot@node1\x1b[00m:~# calicoctk\b\x1b[Kl node statis\b\bus\r\n"
    assert whose(prompt + FIRST.replace("\n", "\r\n")) == [("node1", [PEERS[0]])]


def test_quoted_printable_without_a_header():
    wide = FIRST.replace("Established |\n", "Active Socket: Connection refused |\n" + "x" * 80 + "\n")
    text = quopri.encodestring(f"[root@node1 ~]# calicoctl node status\n{wide}".encode()).decode()
    assert text.count("=\n") > 1
    (status,) = parse_pasted(text)
    assert (status.node, [peer.info for peer in status.peers]) == ("node1", ["Active Socket: Connection refused"])


CELLS = ("192.0.2.12", "node-to-node mesh", "start", "07:13:23", "Active Socket: Connection refused")


@pytest.mark.parametrize(
    "rows",
    [
        "PEER ADDRESS\n\nPEER TYPE\n\nSTATE\n\nSINCE\n\nINFO\n\n" + "\n\n".join(CELLS) + "\n",
        "\n".join(CELLS) + "\n",
        '"' + '","'.join(CELLS) + '"\n',
        ";".join(CELLS) + "\n",
        "<table><tr>" + "".join(f"<td><p>{cell}</p></td>" for cell in CELLS) + "</tr></table>\n",
        "<table>\n<tr>\n" + "".join(f"  <td>{cell}</td>\n" for cell in CELLS) + "</tr>\n</table>\n",
        "| `" + "` | _".join(CELLS[:2]) + "_ | " + " | ".join(CELLS[2:]) + " |\n",
    ],
    ids=["cells on lines", "cells on lines that touch", "CSV", "semicolons", "Confluence", "HTML", "emphasis"],
)
def test_rows_of_other_tables(rows):
    (status,) = parse_pasted(
        f"Calico process is running.\n\nIPv4 BGP status\n{rows}\nIPv6 BGP status\nNo IPv6 peers found.\n"
    )
    (peer,) = status.peers
    assert (peer.address_text, peer.peer_type, peer.protocol_state, peer.since, peer.info) == CELLS
    assert status.complete


@pytest.mark.parametrize(
    "document",
    [
        {"node1": FIRST, "node2": SECOND, "node3": False},
        {"node1": FIRST, "node2": SECOND, "node3": "Minion did not return. [Not connected]"},
        {"items": [
            {"target": "node1", "status": "success", "value": {"stdout": FIRST, "exit_code": 0}},
            {"target": "node2", "status": "success", "value": {"stdout": SECOND, "exit_code": 0}},
            {"target": "node3", "status": "failure", "value": {"_error": {"msg": "No route to host"}}},
        ]},
        [
            {"host": "node1", "output": FIRST},
            {"host": "node2", "output": SECOND},
            {"host": "node3", "error": "timeout"},
        ],
        {"CommandInvocations": [
            {"InstanceId": "i-1", "InstanceName": "node1", "CommandPlugins": [{"Output": FIRST}]},
            {"InstanceId": "i-2", "InstanceName": "node2", "CommandPlugins": [{"Output": SECOND}]},
            {"InstanceId": "i-3", "InstanceName": "node3", "Status": "TimedOut", "CommandPlugins": []},
        ]},
    ],
    ids=["salt's false", "salt's complaint", "bolt", "errors", "AWS"],
)  # fmt: skip
def test_who_gave_no_answer_in_a_document(document):
    assert whose(json.dumps(document)) == [("node1", [PEERS[0]]), ("node2", [PEERS[1]]), ("node3", None)]


def test_a_document_without_answers_names_nobody():
    assert whose(json.dumps({"id": "7f3a", "status": "error", "message": "stdout"})) == []
    assert whose(json.dumps({"target": "node3", "status": "failure", "changed": False, "message": FIRST})) == [
        ("node3", [PEERS[0]])
    ]
    assert whose(json.dumps({"changed": False, "message": FIRST})) == [(None, [PEERS[0]])]


def test_records_of_a_log():
    records = [json.dumps({"log": f"{line}\n", "stream": "stdout"}) for line in FIRST.splitlines()]
    assert whose("\n".join(records)) == [(None, [PEERS[0]])]


def test_records_of_a_log_of_several_hosts():
    records = [
        json.dumps({"message": line, "kubernetes": {"host": f"node{place}"}})
        for lines in zip(FIRST.splitlines(), SECOND.splitlines(), strict=True)
        for place, line in enumerate(lines, 1)
    ]
    assert whose("\n".join(records)) == [("node1", [PEERS[0]]), ("node2", [PEERS[1]])]


@pytest.mark.parametrize(
    "said",
    [
        "bash: calicoctl: Kommando nicht gefunden.",
        "bash: calicoctl : commande introuvable",
        "-bash: calicoctl: orden no encontrada",
        "-bash: calicoctl: 未找到命令",
        "sudo: calicoctl: Befehl nicht gefunden",
        "fish: Unknown command: calicoctl",
        "Command 'calicoctl' not found, did you mean:",
    ],
)
def test_not_found_in_any_language(said):
    first, second = parse_pasted(f"== node1\n{FIRST}== node2\n{said}\n")
    assert (first.node, second.node, second.messages) == ("node1", "node2", (said,))
    assert "calicoctl is not installed there" in (explain_silence(second.messages)[1] or "")
