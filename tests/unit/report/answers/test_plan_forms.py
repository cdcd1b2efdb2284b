"""A plan as text, as JSON and as commands: what they say, and that the commands do what the plan means."""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import replace
from datetime import UTC, datetime
from ipaddress import ip_address

import pytest
import yaml

from calico_bgp.auditing.engine import audit
from calico_bgp.auditing.plan_lint import step_findings
from calico_bgp.changes.change import ApplyResources, CreateNode, RemoveNode, SetClusterID, SetLabel, Unlabel, apply
from calico_bgp.expect.engine import expect
from calico_bgp.lab.cluster import Topology, build_cluster
from calico_bgp.lab.printing.resources import lab_resources
from calico_bgp.model.inventory import Host
from calico_bgp.model.peer import BGPState, Family, Peer
from calico_bgp.model.place import Place
from calico_bgp.model.reading import Daemon, DaemonState, NodeReading, NodeStatus
from calico_bgp.model.reports.report import Severity
from calico_bgp.model.resources import BGPPeer, Resources
from calico_bgp.model.snapshot import Snapshot
from calico_bgp.parse.resources.reader import parse_resources
from calico_bgp.plan.joining import Joining, StartNode
from calico_bgp.plan.mesh import plan_mesh
from calico_bgp.plan.plan import Drain, Plan
from calico_bgp.plan.reflectors import plan_reflectors
from calico_bgp.report.plan.commands import commands, with_etcd
from calico_bgp.report.plan.json import plan_to_json
from calico_bgp.report.plan.markdown import plan_to_markdown
from calico_bgp.report.plan.summary import summary
from calico_bgp.report.plan.text import plan_to_text
from calico_bgp.report.text.page import TextStyle
from tests.clusters import cluster, config, node, peer

ZONE, PLANE = "topology.kubernetes.io/zone", "node-role.kubernetes.io/control-plane"
NEW = Joining("rr1", ip_address("192.0.2.77"), ip_address("2001:db8::77"))
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def mesh(api="v1", families=46, *more):
    nodes = [
        node(
            f"node{n}",
            f"192.0.2.{n}",
            *([f"2001:db8::{n}"] if families == 46 else []),
            labels=f"{ZONE}={'abc'[n % 3]}" + (f" {PLANE}" if n < 3 else ""),
            api_version=api,
        )
        for n in range(1, 7)
    ]
    return cluster(*nodes, *more)


def by_hostname():
    label = "kubernetes.io/hostname"
    named = peer("rr", node_selector="all()", peer_selector=f"{label} in {{'node4', 'node5'}}")
    changes = [
        change
        for n in (4, 5)
        for change in (SetLabel(f"node{n}", label, f"node{n}"), SetClusterID(f"node{n}", "1.1.1.1"))
    ]
    return apply(mesh("v1", 4, named, config(mesh=False)), changes)


def text(plan, style=None):
    return plan_to_text(plan, step_findings(plan), style or TextStyle(verbose=True))


@pytest.mark.parametrize("name", ["there", "back", "nothing", "no-plan", "beside", "loses", "joining", "leaving"])
def test_text(name, golden):
    there = plan_reflectors(mesh(), 3)
    partial = mesh("v1", 4, peer("p", node_selector="all()", peer_selector="has(route-reflector)"))
    partial = SetClusterID("node4", "244.0.0.1").apply(SetLabel("node4", "route-reflector", "true").apply(partial))
    joining = plan_reflectors(mesh("projectcalico.org/v3"), 2, joining=[NEW])
    plan = {
        "there": there,
        "joining": joining,
        "leaving": plan_mesh(joining.after, leaving=["rr1"]),
        "back": plan_mesh(there.after),
        "nothing": plan_reflectors(there.after, 3),
        "no-plan": plan_reflectors(mesh("v1", 4, peer("bad", peer_ip="192.0.2.99"))),
        "beside": plan_reflectors(partial, 2),
        # Nobody takes a label of Kubernetes away, so that the sessions by this BGPPeer last until it is deleted.
        "loses": plan_mesh(by_hostname()),
    }[name]
    golden(text(plan), f"{name}.txt")


@pytest.mark.parametrize("width", [80, 120])
def test_text_on_a_terminal(golden, width):
    plan = plan_reflectors(mesh("v1", 4), 2)
    shown = text(plan, TextStyle(width=width, verbose=True))
    golden(shown, f"there_{width}.txt")
    head = shown[: shown.index("\nreflectors\n")]
    assert len(head.splitlines()) <= 7
    assert len(head.split()) <= 60


@pytest.mark.parametrize("name", ["there", "loses", "leaving"])
def test_one_screen_without_commands(name, golden):
    joining = plan_reflectors(mesh("projectcalico.org/v3"), 2, joining=[NEW])
    plan = {
        "there": plan_reflectors(mesh(), 3),
        "loses": plan_mesh(by_hostname()),
        "leaving": plan_mesh(joining.after, leaving=["rr1"]),
    }[name]
    shown = text(plan, TextStyle(width=80))
    golden(shown, f"{name}_screen.txt")
    assert len(shown.splitlines()) <= 23  # the prompt takes one
    assert not {"kubectl", "calicoctl"} & set(shown.split())
    for step in plan.steps:
        assert step.title.split()[-1] in shown


def test_markdown(golden):
    plan = plan_reflectors(mesh("projectcalico.org/v3"), 2, joining=[NEW])
    written = plan_to_markdown(plan, step_findings(plan))
    golden(written, "joining.md")
    boxes = [line for line in written.splitlines() if line.startswith("- [ ] ")]
    audits = sum(step.audited for step in plan.steps)
    drains = sum(isinstance(action, Drain) for step in plan.steps for action in step.actions)
    waits = sum(line.startswith("- [ ] Established: ") for line in boxes)
    assert len(boxes) == len(plan.steps) + audits + drains + waits + 1
    assert waits


def test_the_commands_of_the_markdown_are_those_of_the_plan():
    plan = plan_reflectors(mesh("v1", 4), 2)
    written = plan_to_markdown(plan, step_findings(plan))
    blocks = re.findall(r"^```sh\n(.*?)^```$", written, re.DOTALL | re.MULTILINE)
    for step in plan.steps:
        assert "\n".join(commands(step)) + "\n" in blocks


@pytest.mark.parametrize("name", ["nothing", "no-plan"])
def test_markdown_without_steps(name, golden):
    there = plan_reflectors(mesh(), 3)
    plan = {
        "nothing": plan_reflectors(there.after, 3),
        "no-plan": plan_reflectors(mesh("v1", 4, peer("bad", peer_ip="192.0.2.99"))),
    }[name]
    golden(plan_to_markdown(plan, step_findings(plan)), f"{name}.md")


@pytest.mark.parametrize(
    ("plan", "risk"),
    [
        (lambda: plan_reflectors(mesh("v1", 4), 2), "routes of node3, drained, for a moment"),
        (lambda: plan_reflectors(mesh("projectcalico.org/v3"), 2, joining=[NEW]), "no route, at any moment"),
        (lambda: plan_mesh(by_hostname()), "routes are lost in step"),
        (lambda: replace(plan_reflectors(mesh("v1", 4), 2), single_points=("node3",)), "in the end node3 is a single"),
    ],
)
def test_what_is_at_risk(plan, risk):
    assert risk in dict(summary(plan()))["at risk"]


def test_json(golden):
    plan = plan_reflectors(mesh(families=4), 2)
    written = plan_to_json(plan, step_findings(plan))
    assert json.loads(written)["schema"] == "calico-bgp/plan/1"
    golden(written, "there.json")


# -- commands ---------------------------------------------------------------------------------------------------------


def run(command: str, resources: Resources) -> Resources:
    """The resources after a command, read as a shell, kubectl and calicoctl read it."""
    if "create -f -" in command:
        before, _, manifest = command.partition(" create -f - <<'EOF'\n")
        assert before in {"kubectl", "calicoctl"}
        made = parse_resources([("-", manifest.removesuffix("EOF"))])
        assert len(made.nodes) + len(made.bgp_configurations) == 1
        assert not {node.name for node in made.nodes} & resources.nodes_by_name.keys()
        assert not (made.bgp_configurations and resources.global_config)
        return ApplyResources(made, "-").apply(resources)
    if "<<'EOF'\n" in command:
        before, _, rest = command.partition("calicoctl apply -f - <<'EOF'\n")
        for line in before.splitlines():
            resources = run(line, resources)
        manifest, _, after = rest.partition("\nEOF")
        assert after == ""
        read = parse_resources([("-", manifest)])
        return ApplyResources(read, "-").apply(resources)
    words = shlex.split(command)
    match words:
        case ["calicoctl", "delete", kind, name]:
            assert kind == "bgppeer"
            assert name in {one.name for one in resources.bgp_peers}
            left = tuple(one for one in resources.bgp_peers if one.name != name)
            return resources.model_copy(update={"bgp_peers": left})
        case ["calicoctl", "patch", kind, name, "-p", spec]:
            return patched(resources, kind, name, json.loads(spec)["spec"])
        case ["kubectl", "label", "node", name, label, *flags]:
            if label.endswith("-"):
                return Unlabel(name, label.removesuffix("-")).apply(resources)
            assert flags == ["--overwrite"]
            key, _, value = label.partition("=")
            return SetLabel(name, key, value).apply(resources)
        case ["kubectl", "annotate", "node", name, annotation, "--overwrite"]:
            key, _, value = annotation.partition("=")
            assert key.removesuffix("-") == "projectcalico.org/RouteReflectorClusterID"
            return SetClusterID(name, None if key.endswith("-") else value).apply(resources)
        case ["kubectl", "delete", "node", name]:
            return RemoveNode(name).apply(resources)
        case ["kubeadm", "token", "create", "--print-join-command"]:
            return StartNode(NEW).apply(resources)  # which is what calico-node does once the machine has joined
        case ["kubectl", "drain", name, "--ignore-daemonsets"] | ["kubectl", "uncordon", name]:
            assert name in resources.nodes_by_name
            return resources
    raise AssertionError(command)


def patched(resources: Resources, kind: str, name: str, spec: dict) -> Resources:
    if kind == "node":
        return SetClusterID(name, spec["bgp"]["routeReflectorClusterID"]).apply(resources)
    if kind == "bgpconfiguration":
        (found,) = [one for one in resources.bgp_configurations if one.name == name]
        changed = replace(found, node_to_node_mesh_enabled=spec["nodeToNodeMeshEnabled"])
        return ApplyResources(Resources(bgp_configurations=(changed,)), "-").apply(resources)
    assert kind == "bgppeer"
    (found,) = [one for one in resources.bgp_peers if one.name == name]
    fields = {"nodeSelector": "node_selector", "node": "node"}
    changed = replace(found, **{fields[key]: value for key, value in spec.items()})
    return ApplyResources(Resources(bgp_peers=(changed,)), "-").apply(resources)


def plain_of(resources: Resources) -> Resources:
    """Without the lines where things stand."""
    peers = tuple(replace(one, place=Place("-"), lines=(), tags=()) for one in resources.bgp_peers)
    configs = tuple(replace(one, place=Place("-"), lines=()) for one in resources.bgp_configurations)
    nodes = tuple(replace(one, place=Place("-"), api_version="") for one in resources.nodes)
    return resources.model_copy(
        update={"nodes": nodes, "bgp_peers": peers, "bgp_configurations": configs, "sources": ()}
    )


PREPARED = peer("p", node_selector="all()", peer_selector="route-reflector == 'true'", has_password=True)


@pytest.mark.parametrize("api", ["v1", "projectcalico.org/v3"])
@pytest.mark.parametrize(
    "more",
    [(), (config(as_number=64999, listen_port=1790),), (PREPARED, config(mesh=True))],
    ids=["nothing-else", "a-configuration", "a-bgppeer"],
)
@pytest.mark.parametrize("count", [2, 3])
@pytest.mark.parametrize("joining", [[], [NEW]], ids=["nobody-joins", "one-joins"])
def test_the_commands_lead_where_the_plan_says(api, more, count, joining):
    there = plan_reflectors(mesh(api, 46, *more), count, joining=joining)
    for plan in (there, plan_mesh(there.after, leaving=[each.name for each in joining])):
        resources = plan.before
        for step in plan.steps:
            for command in commands(step):
                resources = run(command, resources)
            assert plain_of(resources) == plain_of(step.after)
        assert plan.steps


@pytest.mark.parametrize("api", ["v1", "projectcalico.org/v3"])
def test_a_new_node_is_made_cordoned_with_label_and_annotation(api):
    plan = plan_reflectors(mesh(api), 2, joining=[NEW])
    made = plan.steps[1]
    manifest = yaml.safe_load(commands(made)[0].partition("\n")[2].removesuffix("EOF"))
    assert manifest == {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {
            "name": "rr1",
            "labels": {"route-reflector": "true"},
            "annotations": {"projectcalico.org/RouteReflectorClusterID": "244.0.0.1"},
        },
        "spec": {"unschedulable": True},
    }
    # In a Kubernetes datastore, where the Nodes are Kubernetes', calicoctl creates none.
    assert [plain_of(run(text, made.before)).nodes for text in with_etcd(made)] == (
        [] if api == "v1" else [plain_of(CreateNode(plan.steps[1].actions[0].node).apply(made.before)).nodes]
    )


def test_a_bgppeer_that_is_there_is_patched_not_replaced():
    """A manifest would take away its password, whose Secret is not known here."""
    plan = plan_reflectors(mesh("v1", 4, replace(PREPARED, has_password=False, next_hop_mode="Keep")), 2)
    (command,) = commands(plan.steps[0])
    assert command == (
        'calicoctl patch bgppeer p -p \'{"spec": {"nodeSelector": "!(route-reflector == \'"\'"\'true\'"\'"\')"}}\''
    )
    assert plan.steps[0].after.bgp_peers[0].next_hop_mode == "Keep"


def test_names_that_kubernetes_does_not_allow_reach_no_shell():
    resources = cluster(*(node(f"$(x) {n}", f"192.0.2.{n}", api_version="v1") for n in (1, 2, 3)))
    plan = plan_reflectors(resources, 2)
    for step in plan.steps:
        for command in commands(step):
            if "<<'EOF'" not in command:
                assert "$(x) " not in command
                assert "${USABLE_NAME:?Kubernetes allows no such name}" in shlex.split(command)
            else:
                for document in yaml.safe_load_all(command.split("\n", 1)[1].removesuffix("EOF")):
                    assert set(document) == {"apiVersion", "kind", "metadata", "spec"}


def test_control_characters_do_not_reach_a_terminal():
    resources = cluster(*(node(f"n\x1b[2J{n}", f"192.0.2.{n}") for n in (1, 2, 3)))
    assert "\x1b" not in text(plan_reflectors(resources, 2))


# -- what the next step waits for -------------------------------------------------------------------------------------


def snapshot(resources: Resources) -> Snapshot:
    """Every node says that every one of its peers is up, but of two protocols for one neighbour only one."""
    readings = []
    for name, peers in expect(resources).peers.items():
        rows = []
        for one in peers:
            row = Peer(one.family, one.address, str(one.address), one.name_port, one.peer_type, "up",
                       BGPState.ESTABLISHED, "10:00:00", "Established")  # fmt: skip
            rows.append(row)
        status = NodeStatus(
            node=name,
            felix_running=True,
            daemons=tuple(Daemon(family=family, state=DaemonState.RUNNING) for family in Family),
            peers=tuple(rows),
        )
        mine = resources.nodes_by_name[name]
        known = tuple(address for address in (mine.ipv4, mine.ipv6) if address is not None)
        readings.append(NodeReading(host=name, node=name, status=status, addresses=known, taken_at=NOW, clock=NOW))
    hosts = tuple(Host(name=name) for name in resources.nodes_by_name)
    return Snapshot(hosts=hosts, taken_at=NOW, readings=tuple(readings), resources=resources)


def steps_of(plan: Plan):
    return [step for step in plan.steps if step.audited]


def test_the_audit_that_the_plan_asks_for_finds_no_error_after_any_step():
    there = plan_reflectors(mesh(), 3)
    joining = plan_reflectors(mesh(), 2, joining=[NEW])
    leaving = plan_mesh(joining.after, leaving=["rr1"])
    two = plan_reflectors(
        mesh(), 3, joining=[NEW, Joining("rr2", ip_address("192.0.2.78"), ip_address("2001:db8::78"))]
    )
    both = plan_mesh(two.after, leaving=["rr1", "rr2"])
    for plan in (there, plan_mesh(there.after), joining, leaving, two, both):
        for step in steps_of(plan):
            assert not expect(step.after).overlaps
            report = audit(snapshot(step.after))
            errors = [finding.message for finding in report.findings if finding.severity is Severity.ERROR]
            assert errors == [], step.title
            assert report.exit_code() == 0
    assert [step.title for step in joining.steps if not step.audited] == [
        "Create the Node rr1 before its machine starts"
    ]


def test_what_the_lint_will_say_is_said():
    plan = plan_reflectors(mesh(), 3)
    said = [{(f.severity.value, f.rule) for f in findings} for findings in step_findings(plan)]
    assert said[0] == {("warning", "selector-matches-nothing")}
    assert said[-1] == set()
    assert isinstance(plan.after.bgp_peers[0], BGPPeer)
    assert apply(plan.after, ()) == plan.after


def test_one_is_drained_and_its_routes_go_or_several_and_theirs():
    there = plan_reflectors(mesh(), 2)
    assert there.drains == 1
    assert "is drained while its routes go" in text(there)
    back = plan_mesh(lab_resources(build_cluster(6, topology=Topology.REFLECTORS, reflectors=2), ()))
    assert back.drains == 2
    assert "are drained one by one while their routes go" in text(back)
