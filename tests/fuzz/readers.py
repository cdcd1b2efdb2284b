"""Every reader of what strangers write: what it is fed with, and the errors that it may answer with."""

import json
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from calico_bgp.auditing.engine import audit
from calico_bgp.auditing.lint import lint
from calico_bgp.errors import ConfigError, InventoryError, ParseError, ResourceError, SelectorSyntaxError, StoreError
from calico_bgp.lab.cluster import build_cluster
from calico_bgp.lab.printing.resources import lab_resources
from calico_bgp.messages.info.reading import read_text
from calico_bgp.model.peer import Family
from calico_bgp.model.snapshot import Snapshot
from calico_bgp.parse.answer.addresses import parse_addresses
from calico_bgp.parse.answer.frame import parse_answer
from calico_bgp.parse.answer.values import TableText
from calico_bgp.parse.bird.birdc import parse_bird_protocols
from calico_bgp.parse.bird.reading import bird_reading
from calico_bgp.parse.hosts.forms.table import read_inventory
from calico_bgp.parse.hosts.limit import limit_hosts
from calico_bgp.parse.hosts.reader import parse_hosts
from calico_bgp.parse.pasted.reader import parse_pasted
from calico_bgp.parse.resources.reader import parse_resources
from calico_bgp.parse.settings.config import parse_config
from calico_bgp.parse.status.node import parse_node_status
from calico_bgp.parse.status.since import resolve_since
from calico_bgp.report.audit.json import lint_to_json, report_to_json
from calico_bgp.report.audit.junit import report_to_junit
from calico_bgp.report.audit.screen import report_to_text
from calico_bgp.report.markdown.report import report_to_markdown
from calico_bgp.report.notebook.html import report_to_html, snapshot_to_html
from calico_bgp.report.resources.lint_text import lint_to_text
from calico_bgp.report.text.page import TextStyle
from calico_bgp.selector.evaluate import matches
from calico_bgp.selector.parser import parse_selector
from calico_bgp.sources.node.route_tables import route_tables
from calico_bgp.sources.ssh.client_config.settings import SSHConfig
from calico_bgp.sources.ssh.host_keys.known_hosts import HostKeys
from calico_bgp.store.snapshot_folder import save_snapshot
from calico_bgp.store.snapshot_reader import load_snapshot
from tests.selector_printer import print_selector
from tests.unit.auditing.conftest import snapshot_of

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Reader:
    """One reader.

    Attributes:
        read: Reads a text, and does with it what is done with it at once.
        errors: What it may raise.
        seeds: Texts that it understands.
        words: What such texts are made of.
    """

    read: Callable[[str], object]
    errors: tuple[type[Exception], ...]
    seeds: tuple[str, ...]
    words: tuple[str, ...]


def _in_file(read: Callable[[Path], object]) -> Callable[[str], object]:
    def run(text: str) -> object:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "file"
            path.write_bytes(text.encode("utf-8", "surrogateescape" if text.isascii() else "surrogatepass"))
            return read(path)

    return run


def _status(text: str) -> object:
    with suppress(ParseError):
        parse_node_status(text, strict=True)
    return parse_node_status(text)


def _bird(text: str) -> object:
    texts = [TableText(family, kernel, text, 0) for family in Family for kernel in (False, True)]
    return parse_bird_protocols(text), bird_reading(text, Family.IPV4), route_tables(texts)


def _rows(text: str) -> object:
    for line in text.split("\n"):
        resolve_since(line, NOW)
    return parse_addresses(text), parse_answer(text, "calico-bgp-0")


def _resources(text: str) -> object:
    resources = parse_resources([("file", text)])
    report = lint(resources)
    return lint_to_text(report), lint_to_json(report)


def _hosts(text: str) -> object:
    hosts = parse_hosts(text)
    with suppress(InventoryError):
        limit_hosts(hosts, text.split("\n"))
    return hosts


def _selector(text: str) -> object:
    selector = parse_selector(text)
    assert parse_selector(print_selector(selector)) == selector
    return matches(selector, {"a": "b", "rack": "1"})


def _known_hosts(path: Path) -> object:
    known = HostKeys.load([path])
    names = ("node1", "[node1]:22")
    return (
        known.check(names, "ssh-ed25519", b"key"),
        known.known_key_types(names, search_hashed=True),
        known.authorities(names),
    )


def _snapshot(text: str) -> object:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "snapshot.json").write_bytes(text.encode("utf-8", "surrogatepass"))
        snapshot = load_snapshot(folder)
    return show(snapshot)


def show(snapshot: Snapshot) -> object:
    """Everything that is made of a snapshot; nothing of it may act on a terminal, or leave the page it stands in."""
    report = audit(snapshot)
    style = TextStyle(width=80, verbose=True)
    for text in (report_to_text(report, snapshot, style), report_to_markdown(report, snapshot)):
        odd = {character for character in text if not character.isprintable() and character != "\n"}
        assert not odd, f"{odd!r} is shown"
    for page in (snapshot_to_html(snapshot), report_to_html(report)):
        assert "<script" not in page.lower()
        assert not {character for character in page if not character.isprintable() and character != "\n"}
    json.loads(report_to_json(report))
    return report_to_junit(report)


def _saved() -> str:
    made = build_cluster(3)
    with tempfile.TemporaryDirectory() as folder:
        snapshot = snapshot_of(made, "link-cut:node1,node2").model_copy(update={"resources": lab_resources(made, [])})
        save_snapshot(snapshot, Path(folder) / "snapshot")
        return (Path(folder) / "snapshot" / "snapshot.json").read_text(encoding="utf-8")


STATUS = """Calico process is running.

IPv4 BGP status
+--------------+-------------------+-------+----------+--------------------------------+
| PEER ADDRESS |     PEER TYPE     | STATE |  SINCE   |              INFO              |
+--------------+-------------------+-------+----------+--------------------------------+
| 192.0.2.12   | node-to-node mesh | up    | 09:00:00 | Established                    |
| 192.0.2.13   | node specific     | start | 09:00:00 | Active Socket: Connection      |
|              |                   |       |          | refused                        |
+--------------+-------------------+-------+----------+--------------------------------+

IPv6 BGP status
No IPv6 peers found.
"""
BIRD = """0001 BIRD v0.3.3+birdv1.6.8 ready.
2002-name     proto    table    state  since       info
1002-static1  Static   master   up     2026-11-22
 Mesh_192_0_2_12 BGP      master   up     09:00:00    Established
0000
"""
YAML = """apiVersion: projectcalico.org/v3
kind: BGPPeer
metadata: {name: rr}
spec:
  nodeSelector: "!has(route-reflector)"
  peerSelector: &x has(route-reflector)
  password: {secretKeyRef: {name: a, key: b}}
---
apiVersion: v1
kind: Node
metadata:
  name: node1
  labels: {route-reflector: "true"}
  annotations: {projectcalico.org/IPv4Address: 192.0.2.1/24}
"""
HOSTS = (
    'root@node[01-03].dc:22 node=node[1-3] role=reflector ip=192.0.2.[1-3] identity="a b" jump=none # x\n[fd00::1]:22\n'
)
TOML = '[[ignore]]\nrule = "session-not-established"\nnode = "a*"\nuntil = 2027-01-31\nreason = "x"\n'
SSH_CONFIG = (
    'Host *.dc !a\n  User root\n  Port = 22\n  ProxyJump "a,b"\nMatch host a*,b? user root\n  IdentityFile ~/%h\n'
)
KNOWN_HOSTS = (
    "node1,192.0.2.1 ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f\n"
    "@cert-authority *.dc ssh-ed25519 AAAA\n"
)

READERS: dict[str, Reader] = {
    "status": Reader(
        _status,
        (),
        (STATUS,),
        ("| ", " |", "+--", "IPv4 BGP status\n", "Established", "_port_", "up", "\n", "global", "Error: "),
    ),
    "answers": Reader(
        _rows,
        (),
        ("calico-bgp-0 rights sudo\n", "2: eth0    inet 192.0.2.1/24\n", "3d 04:05:06"),
        (
            "calico-bgp-0 ",
            "stdout ",
            "end",
            "inet ",
            "\n",
            "2026-11-22",
            "9999-12-31",
            "0001-01-01",
            "00:00:00",
            "99999d ",
        ),
    ),
    "birdc": Reader(
        _bird,
        (),
        (BIRD,),
        ("1002-", "0000", "BGP ", "Mesh_", "_port_", " ", "\n", "BIRD ", " ready.", "8003 "),
    ),
    "pastes": Reader(
        parse_pasted,
        (),
        (f"root@node1:~# sudo calicoctl node status\n{STATUS}", f"> ```\n{STATUS}```\n"),
        (
            "```",
            "> ",
            "<pre>",
            "{code}",
            "$ ",
            "calicoctl node status\n",
            "ssh -p ",
            "**",
            "| ",
            "\n",
            "sudo ",
            "node1 | CHANGED\n",
            "==> a <==\n",
        ),
    ),
    "resources": Reader(
        _resources,
        (ResourceError,),
        (
            YAML,
            json.dumps({"kind": "List", "items": [{"kind": "Node", "apiVersion": "v1", "metadata": {"name": "a"}}]}),
        ),
        (
            "---\n",
            "  ",
            "- ",
            ": ",
            "{",
            "}",
            "[",
            "]",
            "&a ",
            "*a",
            "!t ",
            "<<: ",
            "kind: Node\n",
            "name: ",
            '"',
            "'",
            "|\n",
            "\t",
            "1e999",
            "0x",
            "items: ",
            "spec:\n",
            "asNumber: 9",
            "selector: ",
        ),
    ),
    "hosts": Reader(
        _hosts,
        (InventoryError,),
        (HOSTS,),
        ("[", "]", "1-", ",", "@", ":", "=", '"', "\\", "node=", "ip=", "#", "\n", "password=", "*", "!", "fd00::"),
    ),
    "inventories": Reader(
        read_inventory,
        (InventoryError,),
        (
            "[all]\nnode1 ansible_host=192.0.2.1\n",
            "NAME STATUS ROLES\nnode1 Ready <none>\n",
            "Host a\n  HostName 192.0.2.1\n",
            "name,ip\na,192.0.2.1\n",
            YAML,
            '{"all": {"hosts": {"a": null}}}',
            KNOWN_HOSTS,
        ),
        ("[", "]", ":vars", ",", "\n", "ansible_host=", "{", "}", '"', ": ", "hosts", "Host ", "|", "\t", "- ", "<<"),
    ),
    "selectors": Reader(
        _selector,
        (SelectorSyntaxError,),
        ("!has(a) && (rack in {'1', \"2\"} || a starts with 'b')",),
        ("(", ")", "!", "&&", "||", "'", '"', "{", "}", " in ", " not in ", "has(", "all()", "==", "!=", "a", ",", " "),
    ),
    "configuration": Reader(
        parse_config,
        (ConfigError,),
        (TOML,),
        (
            "[[",
            "]]",
            "[",
            "]",
            "=",
            '"',
            "'''",
            "\n",
            "rule",
            ".",
            "{",
            "}",
            "9" * 5000,
            "2027-01-01",
            "inf",
            "\\u0000",
        ),
    ),
    "ssh_config": Reader(
        _in_file(lambda path: SSHConfig.load(path, home=path.parent)),
        (ConfigError,),
        (SSH_CONFIG,),
        ("Host ", "Match ", "Include ", "*", "?", "!", ",", "=", '"', "\n", "%", "~", "all", "exec ", " file\n", "\\"),
    ),
    "known_hosts": Reader(
        _in_file(_known_hosts),
        (ConfigError,),
        (KNOWN_HOSTS,),
        (
            "@revoked ",
            "@cert-authority ",
            "|1|",
            "=",
            "*",
            "?",
            ",",
            " ",
            "\n",
            "ssh-ed25519 ",
            "AAAA",
            "[",
            "]:22",
            "!",
            "#",
        ),
    ),
    "snapshots": Reader(
        _snapshot,
        (StoreError,),
        (_saved(),),
        (
            '"',
            ":",
            ",",
            "{",
            "}",
            "[",
            "]",
            "null",
            "true",
            "-1",
            "1e308",
            '"\\u001b[31m',
            '"\\u202e',
            '"<script>',
            '"$(id)',
            "\\ud800",
            '"' + "9" * 400 + '"',
            '"0001-01-01T00:00:00Z"',
            '"9999-12-31T23:59:59Z"',
            '"node1"',
            '"192.0.2.12"',
            '"fe80::1%\\u001b"',
        ),
    ),
    "texts": Reader(
        read_text,
        (),
        (STATUS, "Active Socket: Connection refused"),
        (
            "BGP Error: ",
            "Received: ",
            "Socket: ",
            "Unknown error ",
            "9" * 50,
            "Established",
            "node shows up (",
            "): ",
            "\n",
        ),
    ),
}


def check(reader: Reader, text: str, seconds: Callable[[], float]) -> None:
    """Read a text: in bounded time, with no error but those that are documented, and these say something."""
    try:
        reader.read(text)
    except reader.errors as error:
        if not str(error):
            raise AssertionError("an error that says nothing") from error
    cost = seconds()
    limit = 2.0 + len(text) * 1e-4
    assert cost < limit, f"{cost:.1f} s for {len(text):,} characters"
