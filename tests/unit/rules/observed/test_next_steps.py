"""The next step: at the end that can tell more, and never the command whose answer was just given."""

import pytest

from calico_bgp.auditing.engine import audit
from calico_bgp.cluster.cluster import observe
from calico_bgp.cluster.nodes.members import Member
from calico_bgp.messages.formatter import render
from calico_bgp.messages.steps import as_line, as_steps
from calico_bgp.model.inventory import Host
from calico_bgp.model.reading import NodeReading, NodeStatus, UnrecognisedLine
from calico_bgp.model.reports.report import Verdict
from calico_bgp.model.snapshot import Snapshot
from calico_bgp.rules.next_steps import about_answer, give_tables
from tests.unit.auditing.tables import UP, cluster, gathered, node, pasted, table
from tests.unit.causes.several.two_things import both, mesh
from tests.unit.cluster.test_who_is_who import row

NODES = cluster(*(node(f"n{n}", f"192.0.2.{n}/24") for n in (1, 2, 3)))


def steps(report):
    return [finding.next_step or "" for finding in report.findings if finding.severity != "info"]


@pytest.mark.parametrize("state", ["Active", "Connect", "Idle", "OpenSent"])
@pytest.mark.parametrize("kind", ["global", "node specific"])
@pytest.mark.parametrize("address", ["192.168.57.5", "203.0.113.77"])
def test_an_external_peer_that_does_not_answer_is_looked_at_itself(state, kind, address):
    (step,) = steps(pasted(table("minion1", f"{kind}= {address} {state}")))
    assert step == f"on minion1: nc -vz {address} 179; then look at BGP on {address} itself"


def test_of_far_ends_that_nobody_read_and_one_with_an_error_the_error_is_followed():
    """n1 has no session: n2 was not read, and of the others it heard nothing."""
    rest = ("n3", "n4", "n5")
    made = mesh(5, {("n1", "n2"): "Active"}, both("n1", *rest), unread=["n2"])
    (found,) = [finding for finding in audit(made).findings if finding.rule == "isolated-node"]
    assert found.next_step == "on n1: nc -vz 192.0.2.3 179"


def test_an_external_peer_over_ipv6():
    (step,) = steps(pasted(table("a", ipv6=["global= 2001:db8::5 Active"])))
    assert "nc -vz 2001:db8::5 179" in step


@pytest.mark.parametrize("state", ["Passive", "Active", "Connect"])
def test_a_bare_state_is_asked_at_the_far_end_that_nobody_read(state):
    """Of several and of one."""
    both = steps(pasted(table("n1", f"192.0.2.2 {state}", f"192.0.2.3 {state}"), resources=NODES))
    assert both == ["on n2, n3: sudo calicoctl node status; audit with their tables as well"]
    one = steps(pasted(table("n1", f"192.0.2.2 {state}", f"192.0.2.3 {UP}"), resources=NODES))
    assert one[0] == "on n2: sudo calicoctl node status"


def test_where_both_ends_were_read_the_port_is_tried_by_the_one_that_dials():
    tables = [
        table("n1", "192.0.2.2 Passive", f"192.0.2.3 {UP}"),
        table("n2", "192.0.2.1 Active", f"192.0.2.3 {UP}"),
        table("n3", f"192.0.2.1 {UP}", f"192.0.2.2 {UP}"),
    ]
    assert steps(pasted(*tables, resources=NODES))[0] == "on n2: nc -vz 192.0.2.1 179"


@pytest.mark.parametrize(
    ("info", "step"),
    [
        ("Idle Received: Bad peer AS", "calicoctl get nodes -o wide"),
        ("Idle BGP Error: Unacceptable hold time", "spec.nodeName=n1"),
        ("Idle Received: Connection rejected", "spec.nodeName=n2"),
        ("Active Socket: Connection refused", "on n1: nc -vz 192.0.2.2 179"),
    ],
)
def test_an_error_leads_to_the_end_that_made_it(info, step):
    report = pasted(table("n1", f"192.0.2.2 {info}", f"192.0.2.3 {UP}"), resources=NODES)
    assert step in steps(report)[0]
    assert "calicoctl node status" not in steps(report)[0]


# Answers that say nothing


def answer(*messages):
    status = NodeStatus(node="node1", messages=messages)
    return audit(Snapshot(readings=(NodeReading(host="paste:1", node="node1", status=status),)))


VERSION = [
    ("Version mismatch.", "Client Version:   v3.20.0", "Cluster Version:  v3.26.1"),
    ("Version mismatch.", "Use --allow-version-mismatch to override."),
    ("Unable to get Cluster Information to verify version mismatch: connection is unauthorized",),
    ("Use --allow-version-mismatch to override.",),
]
MISSING = [
    "-bash: calicoctl: command not found",
    "sudo: calicoctl: command not found",
    "zsh: command not found: calicoctl",
    "sh: 1: calicoctl: not found",
    "bash: /usr/local/bin/calicoctl: No such file or directory",
    'error: unknown command "calico" for "kubectl"',
]


@pytest.mark.parametrize("text", VERSION)
def test_a_version_mismatch_is_overridden(text):
    report = answer(*text)
    assert report.verdict is Verdict.UNKNOWN
    assert steps(report) == ["on node1: sudo calicoctl node status --allow-version-mismatch"]


@pytest.mark.parametrize("text", MISSING)
def test_where_the_command_is_missing_bird_is_asked_in_the_pod(text):
    report = answer(text)
    assert report.verdict is Verdict.UNKNOWN
    (step,) = steps(report)
    assert "birdcl -s /var/run/calico/bird.ctl show protocols" in step
    assert "sudo calicoctl node status" not in step


@pytest.mark.parametrize(
    ("names", "asked"),
    [
        (["n1", "n2", "n3"], "on n1, n2, n3: sudo calicoctl node status"),
        (["n1", "n2", "n3", "n4"], "on n1, n2, n3 and 1 more: sudo calicoctl node status"),
    ],
)
def test_three_nodes_are_named_that_should_be_asked(names, asked):
    assert render(give_tables(names)[0]) == asked


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("Error: must be root to run", "on node1, as root (or by sudo): calicoctl node status"),
        ("sudo: a password is required", "on node1, as root (or by sudo): calicoctl node status"),
        ("read unix: i/o timeout", "does BIRD hang there? kubectl get pods -A -l k8s-app=calico-node -o wide"),
        ("something else", "ask BIRD itself: kubectl exec"),
    ],
)
def test_an_answer_in_other_words_leads_to_another_way(text, start):
    (step,) = steps(answer(text))
    assert step.startswith(start)
    if "hang" in step:
        assert step.endswith("spec.nodeName=node1; then kubectl logs of that pod")


ROW = row(2)
LINE = UnrecognisedLine(7, "read unix: i/o timeout")
PASTE, POD_ASKED, BIRD_ASKED = "paste all of node1's answer, to its end", "kubectl get pods", "ask BIRD itself"


@pytest.mark.parametrize(
    ("is_pasted", "reading", "status", "start"),
    [
        (True, {}, {"complete": False}, PASTE),
        (True, {"complete": False}, {}, PASTE),
        (True, {"complete": False}, {"peers": (ROW,)}, PASTE),
        (False, {}, {"complete": False}, POD_ASKED),
        (False, {"complete": False}, {}, POD_ASKED),
        (True, {}, {"peers": (ROW,)}, "paste the other family's half of the answer of node1 as well"),
        (True, {}, {}, BIRD_ASKED),
        (False, {}, {"peers": (ROW,)}, BIRD_ASKED),
        # A line that was not understood says as much as a message.
        (True, {"complete": False}, {"unrecognised": (LINE,)}, "does BIRD hang there?"),
        (True, None, None, BIRD_ASKED),
    ],
)
def test_an_answer_that_is_not_whole_is_asked_for_where_it_came_from(is_pasted, reading, status, start):
    made = None
    if reading is not None:
        made = NodeReading(host="node1", node="node1", status=NodeStatus(node="node1", **status), **reading)
    member = Member("node1", None if is_pasted else Host("node1", node="node1"), reading=made)
    assert as_line(as_steps(about_answer(observe(Snapshot()), member))).startswith(start)


@pytest.mark.parametrize(
    ("info", "step"),
    [
        ("Idle Received: Bad peer AS", "compare the BGPPeer for 192.0.2.9 with 192.0.2.9 itself"),
        ("Idle BGP Error: Bad peer AS", "compare the BGPPeer for 192.0.2.9 with 192.0.2.9 itself"),
        ("Idle Received: Connection rejected", "look at 192.0.2.9 itself: it refuses the session"),
        ("Idle BGP Error: Hold timer expired", "on a: nc -vz 192.0.2.9 179; then look at BGP on 192.0.2.9 itself"),
        ("Idle Automatic shutdown: Route limit exceeded", None),
        ("Idle BGP Error: Unacceptable hold time", None),
        # It waits to be dialled, and what it is dialled at is not known.
        ("Passive", "look at 192.0.2.9, which does not dial: this end only waits to be dialled"),
    ],
)
def test_a_session_with_an_address_outside(info, step):
    """None: the node that printed it is looked at."""
    found = steps(pasted(table("a", f"global= 192.0.2.9 {info}")))[0]
    if step is None:
        assert found.startswith("kubectl get pods")
        assert "spec.nodeName=a" in found
    else:
        assert found == step


def test_a_node_that_waits_is_tried_at_its_own_address_from_outside():
    made = gathered({"a": table("a", "global= 192.0.2.9 Passive")}, addresses={"a": "192.0.2.1 2001:db8::1"})
    found = steps(audit(made))[0]
    assert found == "look at 192.0.2.9, which does not dial: this end only waits to be dialled"
