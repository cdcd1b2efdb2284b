"""Tables behind any prefix, below any header, with any damage and remark: every row and every name comes back."""

from __future__ import annotations

from ipaddress import IPv4Address

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from calico_bgp.parse.pasted.reader import parse_pasted

ERRORS = ("Socket: Connection refused", "BGP Error: Bad peer AS", "Received: Cease", "Error: Neighbor lost")
infos = st.just(("up", "Established")) | st.tuples(
    st.just("start"),
    st.sampled_from(("Idle", "Connect", "Active", "Passive", "OpenSent"))
    | st.builds("{} {}".format, st.sampled_from(("Active", "Idle", "Passive")), st.sampled_from(ERRORS)),
)
rows = st.builds(
    lambda number, kind, info: (str(IPv4Address(number)), kind, *info),
    st.integers(0x0A000001, 0x0A00FFFF),
    st.sampled_from(("node-to-node mesh", "node specific", "global")),
    infos,
)
tables = st.lists(rows, min_size=1, max_size=4, unique_by=lambda row: row[0])
NAMES = ("node1", "node2", "worker-3", "ip-10-0-0-7", "k8s-m1.example.org")
HEADERS = {
    "ansible": "{} | CHANGED | rc=0 >>",
    "pssh": "[1] 10:11:12 [SUCCESS] ops@{}",
    "clush": "---------------\n{}\n---------------",
    "equals": "== {} ==",
    "hash": "### {}",
    "dashes": "---- {} ----",
    "bold": "**{}**",
    "colon": "{}:",
    "bracket": "[{}]",
    "arrows": ">>> {}",
    "tail": "==> {} <==",
    "prompt": "[root@{} ~]# calicoctl node status",
    "ssh": "$ ssh {} sudo calicoctl node status",
}
PREFIXES = {
    "nothing": "",
    "host": "{}: ",
    "host and bar": "{} | ",
    "syslog": "Nov 29 10:11:12 {} sudo[812]: ",
    "journal": "2026-11-29T10:11:12+0100 {} sh[812]: ",
    "bracket": "[{}] out: ",
    "quote": "> ",
    "comment": "# ",
    "slashes": "// ",
    "clock": "[10:11:12] ",
    "timestamp": "2026-11-29T10:11:12.123Z ",
    "number": "{number:3d}. ",
    "cat -n": "{number:6d}\t",
}
DAMAGES = {
    "nothing": lambda line: line,
    "no borders": lambda line: None if line.startswith("+") else line,
    "drawn": lambda line: line.replace("|", "│").replace("+", "┼").replace("---", "───"),
    "doubled bar": lambda line: f"|{line}" if line.startswith("| 1") else line,
    "full width": lambda line: line.replace("|", "\uff5c"),
    "no-break blanks": lambda line: line.replace(" ", "\u00a0"),
}
REMARKS = ("", "   <- ok", "    # look here", " // fine")


def written(table, damage, remark):
    """What calicoctl prints of a table, damaged, a remark at its rows."""
    width = [max(len(row[column]) for row in table) for column in range(4)]
    border = "+".join(["", "-" * (width[0] + 2), "-" * (width[1] + 2), "-------", "----------", "-" * 40, ""])
    lines = [
        "Calico process is running.",
        "",
        "IPv4 BGP status",
        border,
        "| PEER ADDRESS | PEER TYPE | STATE | SINCE | INFO |",
        border,
    ]
    for address, kind, state, info in table:
        lines.append(f"| {address:{width[0]}} | {kind:{width[1]}} | {state:5} | 06:11:42 | {info:38} |")
    lines += [border, "", "IPv6 BGP status", "No IPv6 peers found."]
    damaged = [DAMAGES[damage](line) for line in lines]
    return [line + remark if line.startswith("| 1") else line for line in damaged if line is not None]


@given(
    st.lists(tables, min_size=1, max_size=3),
    st.permutations(NAMES),
    st.sampled_from(sorted(HEADERS)),
    st.sampled_from(sorted(PREFIXES)),
    st.sampled_from(sorted(DAMAGES)),
    st.sampled_from(REMARKS),
)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_every_row_and_every_name_comes_back(several, names, header, prefix, damage, remark):  # noqa: PLR0917 - a form
    text: list[str] = []
    for name, table in zip(names, several, strict=False):
        lines = written(table, damage, remark)
        if "{}" not in PREFIXES[prefix]:
            lines = [*HEADERS[header].format(name).split("\n"), *lines]
        for line in lines:
            text.append((PREFIXES[prefix].format(name, number=len(text) + 1) + line).rstrip())
        if prefix == "nothing":
            text.append("")
    statuses = parse_pasted("\n".join(text) + "\n")
    read = [
        (status.node, [(p.address_text, str(p.peer_type), p.protocol_state, p.info) for p in status.peers])
        for status in statuses
    ]
    assert read == [(name, list(table)) for name, table in zip(names, several, strict=False)]
    assert all(status.complete and not status.unrecognised for status in statuses)
