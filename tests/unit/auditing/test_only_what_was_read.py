"""Only what was read is evidence: one table says nothing of everywhere, and unread families and nodes of nothing."""

import pytest

from calico_bgp.auditing.engine import audit
from calico_bgp.auditing.pasted import snapshot_from_pasted
from calico_bgp.parse.pasted.reader import parse_pasted
from tests.unit.auditing.tables import UP, cluster, node, pasted, read, table, told

BARE = ["Passive", "Active", "Connect"]
HELD, REFUSED, UNREACHABLE = (
    "Active BGP Error: Hold timer expired",
    "Active Socket: Connection refused",
    "Active Socket: Host is unreachable",
)
#: What no single table can tell.
OF_MANY = {"all-sessions-down", "partition", "port-dropped", "rack-down", "no-reflector-left"}


def nodes(number, network="192.168.11", internal=True):
    return cluster(
        *(node(f"n{n}", f"{network}.{n}/24", f"10.0.0.{n}" if internal else "") for n in range(1, number + 1))
    )


@pytest.mark.parametrize("info", [*BARE, HELD, UNREACHABLE])
@pytest.mark.parametrize("number", [3, 4, 6])
@pytest.mark.parametrize("name", ["n1", None])
def test_one_table_of_a_mesh_says_nothing_of_the_others(info, number, name):
    rows = [f"192.168.11.{n} {info}" for n in range(2, number + 1)]
    report = pasted(table(name, *rows), resources=nodes(number))
    assert not OF_MANY & {kind for kind, _ in told(report)}
    assert "n1" in report.findings[0].message


@pytest.mark.parametrize("info", [*BARE, HELD])
def test_one_table_over_ipv6(info):
    resources = cluster(*(node(f"n{n}", f"fd00::{n}/64") for n in (1, 2, 3)))
    report = pasted(table("n1", ipv6=[f"fd00::2 {info}", f"fd00::3 {info}"]), resources=resources)
    assert not OF_MANY & {kind for kind, _ in told(report)}


def test_two_tables_of_six_are_not_everywhere():
    tables = [table(f"n{n}", *(f"192.168.11.{m} {HELD}" for m in range(1, 7) if m != n)) for n in (1, 2)]
    report = pasted(*tables, resources=nodes(6))
    assert "all-sessions-down" not in [kind for kind, _ in told(report)]


def test_all_tables_are_everywhere():
    tables = [table(f"n{n}", *(f"192.168.11.{m} {HELD}" for m in range(1, 5) if m != n)) for n in range(1, 5)]
    report = pasted(*tables, resources=nodes(4))
    assert [kind for kind, _ in told(report)] == ["all-sessions-down"]
    assert "of 4 nodes" in report.causes[0].title


def test_a_group_is_cut_only_where_somebody_of_it_was_read():
    """n1 and n2 have each other; n3 and n4 were not read: whether these have each other nobody knows."""
    tables = [
        table(f"n{n}", f"192.168.11.{3 - n} {UP}", *(f"192.168.11.{m} {UNREACHABLE}" for m in (3, 4))) for n in (1, 2)
    ]
    assert "partition" not in [kind for kind, _ in told(pasted(*tables, resources=nodes(4)))]
    others = [
        table(f"n{n}", f"192.168.11.{7 - n} {UP}", *(f"192.168.11.{m} {UNREACHABLE}" for m in (1, 2))) for n in (3, 4)
    ]
    assert "partition" in [kind for kind, _ in told(pasted(*tables, *others, resources=nodes(4)))]


# No peers anywhere

NONE = "No IPv{} peers found."


def halves(name, *texts):
    body = "\n".join(f"IPv{version} BGP status\n{text}\n" for version, text in zip((4, 6), texts, strict=False) if text)
    return f"root@{name}:~# calicoctl node status\nCalico process is running.\n\n{body}\n"


def rules(*texts):
    report = audit(snapshot_from_pasted(parse_pasted("\n".join(texts), source="paste")))
    return {finding.rule for finding in report.findings}, {cause.kind for cause in report.causes}


def test_no_peers_anywhere_where_each_family_of_each_node_said_so():
    whole = [halves(name, NONE.format(4), NONE.format(6)) for name in "ab"]
    assert "no-peers-anywhere" in rules(*whole)[0]


@pytest.mark.parametrize("half", [("", NONE.format(6)), (NONE.format(4), "")])
@pytest.mark.parametrize("number", [1, 2])
def test_not_where_a_family_was_not_read(half, number):
    """Two of two, and one of two."""
    other = halves("b", NONE.format(4), NONE.format(6)) if number == 1 else halves("b", *half)
    found, causes = rules(halves("a", *half), other)
    assert "no-peers-anywhere" not in found
    assert not OF_MANY & causes


def test_of_nodes_that_were_not_read_nothing_is_said():
    report = read({"a": halves("a", NONE.format(4), NONE.format(6))}, unread=["b"])
    (finding,) = [f for f in report.findings if f.rule == "no-peers-anywhere"]
    assert finding.message == "none of the 1 node read has any peer, of the others nothing is known"


# Rows without an INFO column


def bare(*rows, mark=""):
    lines = ["Calico process is running.", "IPv4 BGP status:", "| PEER ADDRESS | PEER TYPE | STATE | SINCE |"]
    lines += [f"| {address} | node-to-node mesh | {state} | 23:45:02 |" for address, state in rows]
    return "\n".join(mark + line for line in lines)


@pytest.mark.parametrize("mark", ["", "# ", "> "])
@pytest.mark.parametrize("address", ["10.0.1.2", "192.0.2.200"])
def test_up_is_established_where_there_is_no_info(mark, address):
    report = pasted(bare((address, "up"), ("10.0.1.3", "start"), mark=mark))
    assert (report.checked.sessions_established, report.checked.sessions_expected) == (1, 2)
    (down,) = [f for f in report.findings if f.rule != "answer-incomplete"]
    assert "10.0.1.3" in down.message


@pytest.mark.parametrize("state", ["start", "wait", "feed", "stop"])
def test_no_other_state_is(state):
    report = pasted(bare(("10.0.1.2", state)))
    assert report.checked.sessions_established == 0
