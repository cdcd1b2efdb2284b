"""Every command of every form, with names full of metacharacters, pasted into bash: nothing but the stubs is run."""

import json
import re
import shlex
from dataclasses import replace

import pytest

from calico_bgp import shell_words
from calico_bgp.auditing.engine import audit
from calico_bgp.auditing.lint import lint
from calico_bgp.changes.ask import Ask, Secret
from calico_bgp.changes.change import (
    ApplyResources,
    CreateNode,
    DeleteResource,
    RemoveNode,
    SetClusterID,
    SetFields,
    SetLabel,
    Unlabel,
)
from calico_bgp.changes.commands import commands as commands_of
from calico_bgp.lab.cluster import build_cluster
from calico_bgp.lab.faults.catalogue import CATALOGUE, OF_SWITCH
from calico_bgp.lab.faults.fault import parse_fault
from calico_bgp.lab.faults.kinds import Scope
from calico_bgp.lab.printing.resources import lab_resources
from calico_bgp.messages.formatter import render
from calico_bgp.model.resources import ResourceKind
from calico_bgp.model.snapshot import Snapshot
from calico_bgp.plan.mesh import plan_mesh
from calico_bgp.plan.plan import Drain, Uncordon
from calico_bgp.plan.reflectors import plan_reflectors
from calico_bgp.report.audit.details import details_to_text
from calico_bgp.report.audit.screen import report_to_text
from calico_bgp.report.markdown.report import report_to_markdown
from calico_bgp.report.plan.commands import command, with_etcd
from calico_bgp.report.plan.text import plan_to_text
from calico_bgp.report.text.page import TextStyle
from tests.clusters import cluster, config, node, peer
from tests.unit.auditing.conftest import snapshot_of
from tests.unit.shell.pasting import FORBIDDEN, HOSTILE, PROGRAMS, check, paste

BEGINS = re.compile(rf"(?:{'|'.join(PROGRAMS)}) ")


def shown_commands(text):
    """What somebody copies from a report: the lines that are commands, and what stands behind `on NODE: `."""
    for line in text.split("\n"):
        for part in (line.strip(), line.rpartition(": ")[2].strip()):
            if BEGINS.match(part) and "<<" not in part:
                yield part


def test_words_are_judged_before_they_are_quoted(tmp_path):
    commands = [f"kubectl get node {shell_words.name(text)}" for text in HOSTILE]
    commands += [
        f"kubectl get pods --field-selector {shell_words.field_selector('spec.nodeName', text)}" for text in HOSTILE
    ]
    commands += [f"kubectl label node a {shell_words.label(text, other)}" for text in HOSTILE for other in ("b", text)]
    commands += [f"kubectl label node a {shell_words.label_key(text)}-" for text in HOSTILE]
    commands += [f"kubectl exec a -- birdcl enable {shell_words.symbol(text)}" for text in HOSTILE]
    commands += [f"nc -vz {shell_words.quote(text)} 179" for text in HOSTILE]
    commands += [f"calicoctl patch node a -p {shell_words.quoted_json({'a': text, text: 1})}" for text in HOSTILE]
    commands += [f"kubectl annotate node a x={shell_words.filled_in(f'$ID{text}', ['ID'])}" for text in HOSTILE]
    check(commands, tmp_path)


@pytest.mark.parametrize("text", HOSTILE)
def test_json_holds_what_it_is_made_of(text):
    (word,) = shlex.split(shell_words.quoted_json({"a": text}))
    assert json.loads(word) == {"a": text}


def test_a_label_that_kubernetes_allows_is_one_word():
    assert shell_words.label("topology.kubernetes.io/zone", "eu-1.a_B") == "topology.kubernetes.io/zone=eu-1.a_B"
    assert shell_words.label("rack", "") == "rack="
    assert shell_words.name("node-1.dc1") == "node-1.dc1"


def faults():
    for entry in CATALOGUE:
        for topology in entry.topologies:
            nodes = {Scope.CLUSTER: "", Scope.PAIR: ":node1,node3", Scope.TWO: ":node1,node3"}.get(
                entry.scope, ":node1"
            )
            yield topology, f"{entry.kind}{nodes}"


def renamed(snapshot: Snapshot, names: list[str]) -> Snapshot:
    """The snapshot of a cluster whose nodes 1 to 4 have other names, and its BGPPeers."""
    text = snapshot.model_dump_json()
    for number, name in enumerate(names, 1):
        text = text.replace(f'"node{number}"', json.dumps(name)).replace(f'"node{number}.example"', json.dumps(name))
    return Snapshot.model_validate_json(text)


@pytest.mark.parametrize("number", range(4))
def test_an_audit_with_hostile_names(number, tmp_path):
    """Whatever fault, whatever command: what decides, what fixes, what is to be done next, as values and as shown."""
    commands = []
    for place, (topology, fault) in enumerate(faults()):
        if place % 4 != number:
            continue
        made = build_cluster(6, topology=topology, switch=fault in OF_SWITCH)
        resources = lab_resources(made, [parse_fault(fault, made)])
        hostile = [HOSTILE[(place * 4 + i) % (len(HOSTILE) - 2)] or "x" for i in range(4)]
        snapshot = snapshot_of(made, fault, roles=True).model_copy(update={"resources": resources})
        report = audit(renamed(snapshot, hostile))
        for cause in report.causes:
            commands += [decision.command for decision in cause.decide]
            commands += [text for fix in cause.fixes for step in fix.steps for text in step.commands]
            commands += [fix.check for fix in cause.fixes]
            commands += shown_commands(details_to_text(cause, report))
        for finding in report.findings:
            commands += shown_commands("\n".join(map(render, finding.next_steps)))
        commands += shown_commands(report_to_text(report, snapshot, TextStyle(verbose=True)))
        commands += shown_commands(report_to_markdown(report, snapshot))
        commands += lint_commands(resources, hostile)
    check(commands, tmp_path)


@pytest.mark.parametrize("number", range(2))
def test_whole_lines_of_advice_with_hostile_names(number, tmp_path):
    """Prose with a line of YAML or a command in it, pasted as it stands: bash finds no command in it."""
    lines = set()
    for place, (topology, fault) in enumerate(faults()):
        if place % 2 != number:
            continue
        made = build_cluster(6, topology=topology, switch=fault in OF_SWITCH)
        resources = lab_resources(made, [parse_fault(fault, made)])
        hostile = [HOSTILE[(place * 4 + i) % (len(HOSTILE) - 2)] or "x" for i in range(4)]
        snapshot = snapshot_of(made, fault, roles=True).model_copy(update={"resources": resources})
        report = audit(renamed(snapshot, hostile))
        lines |= {finding.next_step for finding in report.findings}
        prose = {fix.summary for cause in report.causes for fix in cause.fixes}
        prose |= {step.what for cause in report.causes for fix in cause.fixes for step in fix.steps}
        # A name may hold a backtick. Words of ours may not: bash would run what stands between two.
        assert not [line for line in prose if "`" in line and not any("`" in name for name in hostile)]
    for name in HOSTILE:
        lines |= {finding.next_step for finding in lint(odd_resources(name)).findings}
    assert sum(" write " in (line or "") for line in lines) > 20
    calls = paste(sorted(filter(None, lines)), tmp_path)
    assert not [call for call in calls if call[0] in FORBIDDEN and call[0] != "on"]


def odd_resources(name):
    """Resources with many mistakes that are fixed by hand, with this name wherever one stands."""
    selector = f"rack == '{name}'"
    return cluster(
        node("node1", "10.0.0.1", labels=f"rack={name}"),
        node(name or "x", "10.0.0.2", labels="rack=a"),
        node(f"{name}1", "10.0.0.3", labels="rack=a"),
        peer(name, peer_selector=selector, peer_ip="10.0.0.1"),
        peer(f"{name}2", node_selector=f"rak == '{name}'", peer_selector=f"rack = '{name}'"),
        peer(f"{name}3", node=f"{name}2", peer_ip="10.0.0.9"),
        peer(f"{name}4", peer_ip=f"10.0.0.1/24{name}", as_number=64512),
        peer(f"{name}5", peer_ip=f"[fe80:0::1%{name}]:179", as_number=64512, node_selector=f"rack != '{name}'"),
        config(name or "x", as_number=65001, mesh=False),
    )


def lint_commands(resources, names):
    nodes = tuple(replace(node, name=name) for node, name in zip(resources.nodes, names, strict=False))
    peers = tuple(replace(peer, name=name) for peer, name in zip(resources.bgp_peers, names[::-1], strict=False))
    odd = resources.model_copy(update={"nodes": nodes + resources.nodes[len(names) :], "bgp_peers": peers})
    for finding in lint(odd).findings:
        yield from shown_commands("\n".join(map(render, finding.next_steps)))


@pytest.mark.parametrize("api", ["v1", "projectcalico.org/v3"])
def test_a_plan_with_hostile_names(api, tmp_path):
    commands = []
    for place in range(0, len(HOSTILE), 4):
        some = [name for name in HOSTILE[place : place + 4] if name]
        nodes = [
            node(name, f"10.0.0.{n}", api_version=api) for n, name in enumerate([*some, "m1", "m2", "m3", "m4"], 1)
        ]
        before = cluster(*nodes, config(mesh=True, as_number=64512))
        there = plan_reflectors(before, count=2)
        plans = [there, plan_mesh(there.after)]
        for plan in plans:
            commands += [
                text for step in plan.steps for action in step.actions for text in [command(action, step.before)]
            ]
            commands += [text for step in plan.steps for text in with_etcd(step)]
            commands += shown_commands(plan_to_text(plan, [()] * len(plan.steps), TextStyle(verbose=True)))
    check(commands, tmp_path)


def test_every_action_of_a_plan_with_hostile_names(tmp_path):
    commands = []
    for name in HOSTILE:
        one = node(name, "10.0.0.1", api_version="v1")
        known = cluster(replace(one, labels=((name, ""),)), peer(name, peer_selector="all()"), config(mesh=True))
        actions = [
            RemoveNode(name), Drain(name), Uncordon(name), Unlabel(name, name), SetLabel(name, name, "x"),
            SetLabel(name, "b", name), SetClusterID(name, "244.0.0.1"), DeleteResource(ResourceKind.BGP_PEER, name),
            CreateNode(node(f"{name}1", labels="", cluster_id=name, api_version="v1")),
            CreateNode(replace(node("new", api_version="v1"), labels=((name, name),))),
        ]  # fmt: skip
        commands += [command(action, known) for action in actions]
    check(commands, tmp_path)


def test_every_change_of_a_field_with_hostile_values(tmp_path):
    """Alone, and beside a value that is asked for, which stands in double quotes."""
    commands = []
    texts = ("node_selector", "peer_ip", "peer_selector", "reachable_by", "max_restart_time", "next_hop_mode")
    for name in HOSTILE:
        known = cluster(
            node("a", "10.0.0.1", api_version="v1"), peer("p", peer_selector="all()", as_number=1), config(mesh=True)
        )
        fields = tuple((field, name) for field in texts)
        asked = (("as_number", Ask("AS_NUMBER", "what it is", 64512)), ("node", Ask("WHO", "who", "a")))
        changes = [
            SetFields(ResourceKind.BGP_PEER, "p", fields),
            SetFields(ResourceKind.BGP_PEER, "p", (*fields, *asked)),
            SetFields(ResourceKind.BGP_PEER, "p", (("has_password", Secret(name, Ask("KEY", "which", "-"))),)),
            SetFields(ResourceKind.NODE, "a", (("cluster_id", name),)),
            SetFields(ResourceKind.BGP_CONFIGURATION, "default", (("node_mesh_max_restart_time", name),)),
            ApplyResources(cluster(peer("q", node_selector=name, filters=(name,), has_password=True)), "-"),
        ]
        for change in changes:
            for found in commands_of(change, known):
                commands += filter(None, (found.kubectl, found.calicoctl))
    check(commands, tmp_path)


def test_manifests_are_one_input_whatever_they_hold(tmp_path):
    commands = [
        command(
            ApplyResources(cluster(peer(name, node_selector=name, peer_selector=name, filters=(name,))), "-"), cluster()
        )
        for name in HOSTILE
    ]
    check(commands, tmp_path)
