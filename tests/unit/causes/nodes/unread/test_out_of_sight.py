"""A mesh peer whose table is not given is a node of the cluster, never a switch (and a switch is never a node)."""

import pytest

from calico_bgp.causes.network.out_of_sight import unseen_node
from calico_bgp.model.reports.cause import Confidence
from tests.unit.auditing.tables import UP, gathered, paste_of, pasted, read, table, told
from tests.unit.causes.asked import begun, case_of
from tests.unit.causes.asked import told as told_of

REFUSED = "Active Socket: Connection refused"
UNREACHABLE = ["Connect Socket: Host is unreachable", "Active Socket: No route to host"]
SILENT = ["Active BGP Error: Hold timer expired", "Connect Socket: Connection timed out"]


def two(address, info, *, version=4, kind="node-to-node mesh"):
    """Two nodes that have each other and not the third."""
    near = {4: ("203.0.113.8", "203.0.113.9"), 6: ("2001:db8::8", "2001:db8::9")}[version]
    rows = [(f"{kind}= {address} {info}", f"{far} {UP}") for far in near]
    if version == 4:
        return [table(name, *mine) for name, mine in zip("ab", rows, strict=True)]
    return [table(name, ipv6=mine) for name, mine in zip("ab", rows, strict=True)]


@pytest.mark.parametrize(("address", "version"), [("10.20.13.220", 4), ("192.0.2.7", 4), ("fd5f::7", 6)])
def test_refused_by_a_node_that_is_not_pasted(address, version):
    report = pasted(*two(address, REFUSED, version=version))
    assert told(report) == [("bird-down", [address])]
    (cause,) = report.causes
    assert cause.confidence is Confidence.LIKELY
    assert cause.fixes[0].steps[0].kubectl is not None
    assert "calico-node" in cause.fixes[0].steps[0].kubectl
    assert [finding.rule for finding in report.findings if finding.severity == "error"] == ["mesh-peer-down"]


@pytest.mark.parametrize("info", [*UNREACHABLE, *SILENT])
@pytest.mark.parametrize("number", [1, 2])
def test_nothing_comes_from_a_node_that_is_not_pasted(info, number):
    report = pasted(*two("198.51.100.4", info)[:number])
    assert told(report) == [("node-down", ["198.51.100.4"])]
    assert report.causes[0].confidence is Confidence.POSSIBLE
    assert "here one whose table is not given." in report.causes[0].explanation


def test_where_all_machines_are_listed_the_list_lacks_it():
    tables = dict(zip("ab", two("198.51.100.4", SILENT[0]), strict=True))
    (cause,) = read(tables, addresses={"a": "203.0.113.9", "b": "203.0.113.8"}).causes
    assert "here one that the inventory lacks." in cause.explanation


def test_one_table_alone_makes_it_possible():
    report = pasted(two("198.51.100.4", REFUSED)[0])
    assert [(cause.kind, cause.confidence) for cause in report.causes] == [("bird-down", Confidence.POSSIBLE)]


@pytest.mark.parametrize("info", [REFUSED, *UNREACHABLE])
def test_a_node_that_the_inventory_lacks(info):
    report = read(dict(zip("ab", two("198.51.100.4", info), strict=True)))
    assert "external-peer-down" not in [kind for kind, _ in told(report)]
    assert told(report)[0][1] == ["198.51.100.4"]


@pytest.mark.parametrize("kind", ["global", "node specific"])
def test_an_explicit_peer_is_still_external(kind):
    report = pasted(*two("198.51.100.4", REFUSED, kind=kind))
    assert told(report) == [("external-peer-down", ["198.51.100.4"])]


def test_a_node_that_is_up_somewhere_is_not_down():
    rows = [table("a", f"198.51.100.4 {REFUSED}", f"203.0.113.9 {UP}"), table("b", f"198.51.100.4 {UP}")]
    assert told(pasted(*rows)) == []


def unseen(*infos, addresses=None, limited=False):
    """n1, n2, ... have each other, and each shows one that is not in sight, in its own words."""
    names = [f"n{n}" for n in range(1, len(infos) + 1)]
    tables = {
        name: table(
            name,
            f"192.0.2.99 {info}",
            *(f"192.0.2.{far[1:]} {UP}" for far in names if far != name),
        )
        for name, info in zip(names, infos, strict=True)
    }
    if addresses is None:
        return paste_of(*tables.values())
    made = gathered(tables, addresses={name: f"192.0.2.{name[1:]}" for name in names})
    return made.model_copy(update={"limited": limited})


HELD, STOPPED = "Active BGP Error: Hold timer expired", "Idle Received: Administrative shutdown"
CLOSED, TIMEOUT = "Active Socket: Connection closed", "Active Socket: Connection timed out"


@pytest.mark.parametrize(
    ("infos", "kind"),
    [
        # All that is heard of a node that is gone.
        (
            (
                HELD,
                STOPPED,
                CLOSED,
                TIMEOUT,
                "Active",
                UNREACHABLE[1],
                "Active Socket: Permission denied",
                "Active Received: Hold timer expired",
                "Active Received: Other configuration change",
            ),
            "node-down",
        ),
        ((STOPPED, STOPPED), "node-down"),
        # One is refused: its kernel is up, whatever the others say.
        ((REFUSED, REFUSED), "bird-down"),
        ((REFUSED, HELD), "bird-down"),
        ((HELD, CLOSED, REFUSED, STOPPED), "bird-down"),
        # Something that only a BIRD says.
        ((REFUSED, "Idle BGP Error: Bad peer AS"), None),
        ((HELD, "Idle BGP Error: Bad peer AS"), None),
        ((HELD, UP), None),
    ],
)
def test_what_is_said_of_it(infos, kind):
    candidates = list(unseen_node(case_of(unseen(*infos))))
    assert told_of(candidates) == ([] if kind is None else [(kind, ["192.0.2.99"])])


@pytest.mark.parametrize("info", [HELD, REFUSED])
@pytest.mark.parametrize(
    ("number", "by"), [(1, "n1"), (2, "all 2 nodes that show it"), (3, "all 3 nodes that show it")]
)
def test_to_whom_nothing_comes(info, number, by):
    (candidate,) = unseen_node(case_of(unseen(*[info] * number)))
    assert candidate.title.values["by"] == by


@pytest.mark.parametrize(("limited", "lacks"), [(False, True), (True, False)])
def test_a_list_of_some_hosts_lacks_nothing(limited, lacks):
    (candidate,) = unseen_node(case_of(unseen(HELD, HELD, addresses=True, limited=limited)))
    assert ("here one that the inventory lacks." in candidate.explanation) is lacks
    assert ("here one whose table is not given." in candidate.explanation) is not lacks


@pytest.mark.parametrize(("address", "wide"), [("192.0.2.99", "kubectl"), ("2001:db8::99", "calicoctl")])
def test_where_its_address_stands(address, wide):
    """`kubectl get nodes -o wide` shows one address, which is the IPv4 address where there is one."""
    rows = {4: (), 6: ()} | {6 if ":" in address else 4: [f"{address} {HELD}"]}
    made = paste_of(table("n1", f"192.0.2.2 {UP}", *rows[4], ipv6=rows[6]), table("n2", f"192.0.2.1 {UP}"))
    (candidate,) = unseen_node(case_of(made))
    assert candidate.decide[0].command.startswith(f"{wide} get nodes -o wide; kubectl get pods -A")


def test_an_address_of_a_bridge_is_no_node_that_is_down():
    """n2 and n3 have n1 at the address of Docker's bridge; see addresses/odd_peers.py."""
    bridge = "172.17.0.1"
    rows = {"n1": ["192.0.2.2", "192.0.2.3"], "n2": ["192.0.2.3"], "n3": ["192.0.2.2"]}
    tables = {
        name: table(
            name,
            *(f"{far} {HELD if name == 'n1' else UP}" for far in fars),
            *(() if name == "n1" else (f"{bridge} {HELD}",)),
        )
        for name, fars in rows.items()
    }
    assert list(unseen_node(case_of(paste_of(*tables.values())))) == []
    assert ("node-down", [bridge]) not in told(pasted(*tables.values()))


def test_the_one_host_that_nobody_dials_is_not_down():
    """All hosts were read; n3 is dialled at another address than its own."""
    tables = {
        "n1": table("n1", f"192.0.2.2 {UP}", f"198.51.100.3 {HELD}"),
        "n2": table("n2", f"192.0.2.1 {UP}", f"198.51.100.3 {HELD}"),
        "n3": table("n3", f"192.0.2.1 {HELD}", f"192.0.2.2 {HELD}"),
    }
    own = {name: f"192.0.2.{name[1:]}" for name in tables}
    assert list(unseen_node(case_of(gathered(tables, addresses=own)))) == []


@pytest.mark.parametrize(
    ("infos", "since", "kind"),
    [
        (("Active", "Passive"), "11:59:30", None),
        (("Active", "Passive"), "09:01:02", "node-down"),
        # One that says an error has waited longer, and one that is refused is told at once.
        (("Active", HELD), "11:59:30", "node-down"),
        ((REFUSED, REFUSED), "11:59:30", "bird-down"),
        # What a BIRD says is no silence, however old.
        (("Active", "Idle BGP Error: Bad peer AS"), "09:01:02", None),
    ],
)
def test_what_began_a_moment_ago_may_still_come_up(infos, since, kind):
    candidates = list(unseen_node(case_of(begun(unseen(*infos), since))))
    assert told_of(candidates) == ([] if kind is None else [(kind, ["192.0.2.99"])])


@pytest.mark.parametrize("info", [HELD, REFUSED])
def test_it_explains_what_is_said_of_the_address_and_of_each_session(info):
    case = case_of(unseen(info, info))
    (candidate,) = unseen_node(case)
    about = {finding.id for finding in case.findings if case.keys_of[finding.id]}
    assert about
    assert candidate.explains == about
    assert case.ids("mesh-peer-down") <= about
