"""The answer fits one screen: golden screens of what an operator meets, at 80x24 and 120x40, and limits in words."""

import re
from contextlib import suppress

import pytest

from calico_bgp.auditing.engine import audit
from calico_bgp.cli.demonstration.lab import read_lab_cluster
from calico_bgp.cli.look.audit import command as audit_command
from calico_bgp.lab import Lab
from calico_bgp.lab.cluster import Topology, build_cluster
from calico_bgp.lab.faults.fault import FaultError, FaultKind, parse_fault
from calico_bgp.lab.printing.resources import lab_resources
from calico_bgp.model.peer import Family
from calico_bgp.model.reading import GatherFailure, Stage
from calico_bgp.model.reports.report import NotRead
from calico_bgp.report.audit.screen import report_to_text, zones_of_nodes
from calico_bgp.report.problems.paragraph import MOST_WORDS
from calico_bgp.report.problems.remedy import OPTIONS, remedy_lines
from calico_bgp.report.problems.table import where
from calico_bgp.report.problems.values import problems_of
from calico_bgp.report.text.page import TextStyle
from tests.unit.auditing.conftest import snapshot_of

AGAIN = "calico-bgp audit --context prod-1"
SIX = (
    "node-down:node120",
    "node-down:node121",
    "node-down:node122",
    "bird-down:node40",
    "lost-cluster-id:node2",
    "no-sudo:node200",
    "no-sudo:node201",
    "wrong-as:node60,node1",
    "disabled-peer:node70,node1",
)


def snapshot(*faults, nodes=6, topology=Topology.MESH, **config):
    cluster = build_cluster(nodes, topology=topology, **config)
    found = snapshot_of(cluster, *faults, roles=topology is not Topology.MESH)
    resources = lab_resources(cluster, tuple(parse_fault(fault, cluster) for fault in faults))
    return found.model_copy(update={"cluster": "prod-1", "resources": resources})


def six(nodes):
    return snapshot(*SIX, nodes=nodes, topology=Topology.REFLECTORS, reflectors=3)


def first_run():
    """300 nodes, and no host key is known."""
    found = snapshot(nodes=300)
    failures = tuple(
        GatherFailure(
            host=reading.host,
            node=reading.node,
            stage=Stage.HOST_KEY,
            message=f"the host key is unknown: no known_hosts file has {reading.host}; the server showed ssh-ed25519 "
            f"SHA256:{number:043}",
            hint=f"compare the fingerprint, then: ssh-keyscan {reading.host} >> ~/.ssh/known_hosts; or --host-keys "
            "accept-new",
            reason="host key unknown",
            option="--host-keys accept-new",
            remedy="add them with ssh-keyscan, and compare: accept-new takes them as they are",
        )
        for number, reading in enumerate(found.readings)
    )
    return found.model_copy(update={"readings": (), "failures": failures, "resources": None})


SITUATIONS = {
    "healthy": snapshot,
    "one": lambda: snapshot("bird-down:node4"),
    "six": lambda: snapshot(
        "node-down:node3",
        "bird-down:node4",
        "wrong-as:node6,node1",
        "no-sudo:node7",
        "socket-missing:node8",
        "disabled-peer:node9,node2",
        nodes=9,
    ),
    "three_hundred": lambda: six(300),
    "first_run": first_run,
    "only_unread": lambda: snapshot("no-sudo:node2", "host-key-changed:node5"),
}
SCREENS = {(80, 24): TextStyle(width=80), (120, 40): TextStyle(width=120)}


@pytest.fixture(scope="module")
def reports():
    found = {}
    for name, make in SITUATIONS.items():
        taken = make()
        found[name] = (audit(taken), taken)
    return found


def screen(report, taken, style):
    return report_to_text(report, taken, style, again=AGAIN, numbered=True, live=True)


@pytest.mark.parametrize("size", SCREENS, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("name", SITUATIONS)
def test_golden(name, size, reports, golden):
    text = screen(*reports[name], SCREENS[size])
    golden(text, f"{name}.{size[0]}x{size[1]}.txt")
    assert len(text.splitlines()) <= size[1] - 1  # the prompt takes one


def test_words_of_three_hundred_nodes_with_six_causes(reports):
    text = screen(*reports["three_hundred"], TextStyle(width=80))
    assert len(problems_of(reports["three_hundred"][0])) == 6
    assert len(text.splitlines()) <= 24
    assert len(text.split()) <= 160


def test_a_healthy_cluster_is_two_lines(reports):
    assert len(screen(*reports["healthy"], TextStyle(width=80)).splitlines()) == 2


@pytest.mark.parametrize("width", [80, 100, 120, None])
@pytest.mark.parametrize("families", [(Family.IPV4,), (Family.IPV4, Family.IPV6)], ids=len)
def test_a_healthy_cluster_is_two_lines_whatever_was_read(width, families):
    """With reflectors, one family or two, through the API: what does not fit is in the long form."""
    with Lab(build_cluster(6, reflectors=2, families=families)) as lab:
        taken = read_lab_cluster(lab)
    report = audit(taken)
    lines = screen(report, taken, TextStyle(width=width)).splitlines()
    assert len(lines) == 2
    assert "reflectors" in lines[1]
    everything = " ".join(screen(report, taken, TextStyle(width=width, verbose=True)).split())
    for fact in ("node1, node2", "IPv", "pods of calico-system"):
        assert fact in everything


@pytest.mark.parametrize("width", [60, 80, 120])
@pytest.mark.parametrize("unicode", [True, False])
@pytest.mark.parametrize("name", SITUATIONS)
def test_what_is_no_command_fits_the_width(name, width, unicode, reports):
    text = screen(*reports[name], TextStyle(width=width, unicode=unicode))
    copied = ("kubectl", "calicoctl", "calico-bgp", "birdcl")
    assert [line for line in text.splitlines() if len(line) > width and not any(word in line for word in copied)] == []
    assert unicode or text.isascii()


def test_colour_is_severity_and_changes_no_letter(reports):
    plain = screen(*reports["three_hundred"], TextStyle(width=80))
    coloured = screen(*reports["three_hundred"], TextStyle(width=80, color=True))
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == plain
    rows = [line for line in coloured.splitlines() if re.search(r"\b[1-6]  node", line)]
    assert [re.match(r"\x1b\[1;(\d\d)m", row)[1] for row in rows] == ["31", "31", "33", "33", "33", "33"]


def test_nothing_that_was_not_read_is_spoken_of(reports):
    text = screen(*reports["first_run"], TextStyle(width=80))
    assert "session" not in text
    assert "none of 300 nodes was read" in text
    assert text.count("host key unknown") == 1


def test_the_worst_is_first_and_names_are_in_natural_order(reports):
    problems = problems_of(reports["three_hundred"][0])
    assert [problem.routes_lost for problem in problems] == [1794, 598, 0, 0, 0, None]
    assert problems[0].names == ("node120", "node121", "node122")
    assert [problem.fix for problem in problems[:2]] == ["start hosts", "restart pod"]


def single_faults():
    """Every fault of the lab in every topology that can have it."""
    for kind in sorted(set(FaultKind) - {FaultKind.CALICOCTL_MISSING}, key=str):
        for topology in (Topology.MESH, Topology.REFLECTORS):
            with suppress(FaultError):
                parse_fault(kind.value, build_cluster(6, topology=topology))
                yield pytest.param(kind, topology, id=f"{kind}-{topology}")


@pytest.mark.parametrize(("kind", "topology"), list(single_faults()))
def test_one_cause_is_one_screen_and_ninety_words(kind, topology):
    cluster = build_cluster(6, topology=topology)
    fault = parse_fault(kind.value, cluster)
    found = snapshot_of(cluster, kind.value, roles=topology is not Topology.MESH)
    taken = found.model_copy(update={"cluster": "prod-1", "resources": lab_resources(cluster, (fault,))})
    report = audit(taken)
    text = screen(report, taken, TextStyle(width=80))
    assert len(text.splitlines()) <= 24
    if len(problems_of(report)) == 1 and report.causes:
        paragraph = text.split("\n\n")[1]
        commands = [line for line in paragraph.splitlines() if "kubectl " in line or "calicoctl " in line]
        assert len(paragraph.split()) - sum(len(line.split()) for line in commands) <= MOST_WORDS


def test_many_nodes_of_one_zone_are_told_by_it():
    zones = {f"node{number}": f"zone-{number % 2 + 1}" for number in range(1, 301)}
    odd = [name for name, zone in zones.items() if zone == "zone-2"]
    assert where(odd, "node", 22, zones) == "150 nodes of zone-2"
    assert where([*odd[::3], "node2"], "node", 30, zones) == "51 nodes of zone-1 and zone-2"
    assert where([*odd[::3], "node2"], "node", 22, zones) == "51 nodes"  # there is no room
    assert where([*odd, "stranger"], "node", 22, zones) == "151 nodes"
    assert where(odd, "node", 22) == "150 nodes"
    assert where(["node1", "node3", "node5"], "node", 22, zones) == "node[1,3,5]"
    assert where(odd[::3], "node", 30, {name: name for name in odd}) == "50 nodes of 50 zones"


def test_what_is_counted_is_called_by_what_it_is():
    addresses = [f"192.0.2.{number}" for number in range(1, 40, 7)]
    assert where(addresses, "address", 22) == "6 addresses"
    assert where([f"node{number} <-> node9" for number in range(1, 40, 7)], "session", 12) == "6 sessions"


def test_a_problem_says_what_its_names_are():
    nodes = problems_of(audit(snapshot("bird-down:node4")))
    assert [(problem.noun, problem.starts_with_name) for problem in nodes] == [("node", False)]
    sessions = problems_of(audit(snapshot("disabled-peer:node3,node1")))
    assert "session" in {problem.noun for problem in sessions}


def test_the_zones_are_those_of_the_resources():
    found = snapshot(zones=2)
    zones = zones_of_nodes(found)
    assert set(zones) == {node.name for node in found.resources.nodes}
    assert len(set(zones.values())) == 2
    assert zones_of_nodes(found.model_copy(update={"resources": None})) == zones_of_nodes(None) == {}


@pytest.mark.parametrize("option", OPTIONS)
def test_what_goes_into_a_command_is_an_option(option):
    context = audit_command.make_context("audit", ["--context", "prod-1", *option.split()])
    assert context.params


def test_what_mends_is_a_command_with_the_source(reports):
    text = screen(*reports["first_run"], TextStyle(width=80))
    assert f"  fix     {AGAIN} --host-keys accept-new\n" in text
    given = "calico-bgp audit hosts.txt --ask-sudo-pass"
    for option, remedy, retry, said in (
        ("--host-keys accept-new", "add them", None, (None, "--host-keys accept-new; or add them")),
        ("--host-keys accept-new", None, None, (None, "--host-keys accept-new")),
        ("--ask-sudo-pass", "a line", given, (None, "--ask-sudo-pass; or a line")),
        ("--config $(id)", "a line", AGAIN, (None, "--config $(id); or a line")),
        ("--ask-sudo-pass", "a line", AGAIN, (f"{AGAIN} --ask-sudo-pass", "or a line")),
        ("--ask-sudo-pass", None, AGAIN, (f"{AGAIN} --ask-sudo-pass", "")),
        (None, "the right --user", AGAIN, (None, "the right --user")),
    ):
        assert remedy_lines(NotRead(nodes=("node1",), reason="r", option=option, remedy=remedy), retry) == said


def test_routes_that_a_row_may_count_twice_are_a_bound():
    taken = snapshot("bird-down:node3", "bird-down:node4", topology=Topology.REFLECTORS, reflectors=2)
    report = audit(taken)
    (problem,) = problems_of(report)
    # Ten each, and the two between them in both: no more than what is missing.
    assert (sum(cause.routes_lost for cause in report.causes), problem.routes_lost, problem.is_at_most) == (
        20,
        18,
        True,
    )
    assert "up to 18 routes lost" in screen(report, taken, TextStyle(width=80))
    faults = ("bird-down:node3", "bird-down:node4", "lost-cluster-id:node2")
    taken = snapshot(*faults, topology=Topology.REFLECTORS, reflectors=2)
    assert "<=18" in screen(audit(taken), taken, TextStyle(width=80, unicode=False))
