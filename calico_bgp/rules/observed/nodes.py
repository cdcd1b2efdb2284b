"""Rules about one node: unread, and its daemons. Nothing about sessions."""

from __future__ import annotations

from collections.abc import Iterator

from calico_bgp.cluster.cluster import Cluster
from calico_bgp.cluster.nodes.members import Member, Table
from calico_bgp.cluster.pods import said_by_kubernetes
from calico_bgp.cluster.sessions.reasons import row_text
from calico_bgp.messages.steps import step
from calico_bgp.model.peer import Family
from calico_bgp.model.reports.report import Severity
from calico_bgp.model.reports.subject import NodeSubject
from calico_bgp.model.topology import TopologyKind
from calico_bgp.rules.next_steps import about_answer
from calico_bgp.rules.rule import Draft, rule
from calico_bgp.upstream import BIRD_SOCKET

_SHOWN_KEYS = 5


@rule(
    "node-unreadable",
    Severity.ERROR,
    title="A listed node could not be read",
    meaning="Nothing is known of this node's own view. Alone this makes the verdict `unknown` (exit code 3), not "
    "unhealthy: what its "
    "peers show of it is judged by the other rules.",
    evidence="The stage at which reading failed (resolve, connect, host_key, authenticate, command, timeout, "
    "parse) and its message.",
    action="Follow the hint of the finding; then read again, only the nodes that failed: `calico-bgp gather "
    "--retry-failed DIR`.",
    messages={
        "unreadable": "{node} could not be read ({stage:same}): {reason:same}",
    },
)
def node_unreadable(cluster: Cluster) -> Iterator[Draft]:
    """One finding per failure."""
    for member in cluster.members:
        if member.failure is not None:
            failure = member.failure
            yield Draft(
                NodeSubject(node=member.name),
                "unreadable",
                (
                    f"host {failure.host}",
                    *([failure.last_known] if failure.last_known else []),
                    *said_by_kubernetes(cluster, member.name),
                ),
                None if failure.hint is None else step("{hint:same}", hint=failure.hint),
                node=member.name,
                stage=failure.stage,
                reason=failure.message,
            )


@rule(
    "answer-incomplete",
    Severity.ERROR,
    title="A node's answer is incomplete",
    meaning="The answer stopped in the middle, or holds rows that cannot be read, so peers may be missing "
    "from it. Peers that it "
    "shows are judged; peers that it lacks are not called missing. Alone this makes the verdict `unknown` (exit "
    "code 3).",
    evidence="What was cut or not understood, with its line.",
    action="Read the node again. If it happens again, look whether BIRD hangs there (`i/o timeout`), and report "
    "lines that are not "
    "understood as a bug of calico_bgp.",
    messages={
        "not-understood": "{node}: {lines:count line} of the answer not understood",
        "nothing-about-bird": "{node}: the answer says nothing about BIRD",
        "stops": "{node}: the answer stops in the middle",
        "bird-unknown": "{node}: it is not known whether BIRD runs for {families:and}",
    },
)
def answer_incomplete(cluster: Cluster) -> Iterator[Draft]:
    """One finding per reading that is cut, not understood, or says nothing at all."""
    for member in cluster.members:
        yield from _incomplete(cluster, member)


def _incomplete(cluster: Cluster, member: Member) -> Iterator[Draft]:
    if member.reading is None:
        return
    subject, name = NodeSubject(node=member.name), member.name
    status = member.reading.status
    whole = member.reading.complete and status.complete
    if status.unrecognised and not whole:
        lines = [f"line {line.line}: {line.text}" for line in status.unrecognised[:_SHOWN_KEYS]]
        number = len(status.unrecognised)
        yield Draft(subject, "not-understood", lines, about_answer(cluster, member), node=name, lines=number)
        return
    if not status.daemons and not status.peers and status.felix_running is not False:
        yield Draft(subject, "nothing-about-bird", status.messages, about_answer(cluster, member), node=name)
        return
    if not whole:
        yield Draft(subject, "stops", status.messages, about_answer(cluster, member), node=name)
        return
    used = cluster.families or tuple(Family)
    unsaid = [
        family for family in used if member.table(family) is Table.UNKNOWN and not cluster.takes_part(member, family)
    ]
    if unsaid and status.felix_running is not False:
        messages = [daemon.message for daemon in status.daemons if daemon.family in unsaid and daemon.message]
        families = [family.label for family in unsaid]
        yield Draft(subject, "bird-unknown", messages, about_answer(cluster, member), node=name, families=families)


@rule(
    "felix-not-running",
    Severity.ERROR,
    title="Felix does not run",
    meaning="`Calico process is not running.`: without Felix new pods get no routes and no policy on this node. "
    "calicoctl then prints no "
    "table (exit code 1), so the node's peers are unknown; its peers may well show it Established (calicoctl, "
    "node/status.go).",
    evidence="The message of calicoctl.",
    action="Look why the calico-node container is not up on that node.",
    messages={
        "not-running": "Felix does not run on {node}",
    },
)
def felix_not_running(cluster: Cluster) -> Iterator[Draft]:
    """One finding per node whose calicoctl says so."""
    for member in cluster.members:
        if member.reading is not None and member.reading.status.felix_running is False:
            yield Draft(
                NodeSubject(node=member.name),
                "not-running",
                ("Calico process is not running.",),
                cluster.pods.look_at(member.name),
                node=member.name,
            )


@rule(
    "daemon-not-running",
    Severity.ERROR,
    title="BIRD does not run on a node",
    meaning="The node announces no routes and learns none: its pods cannot be reached from other nodes, except "
    "over pools that Felix "
    "programs (VXLAN; IPIP from v3.33). It is an error because BIRD of that family runs elsewhere, or the family "
    "has peers.",
    evidence="calicoctl's message, and how the peers of the node see it.",
    action="Look at the calico-node container of that node: its log says why bird or bird6 ended.",
    messages={
        "node": "BIRD does not run on {node}",
        "family": "BIRD ({family:and}) does not run on {node}",
    },
)
def daemon_not_running(cluster: Cluster) -> Iterator[Draft]:
    """One finding per node; the family is named where the other one runs."""
    yield from _daemon_findings(cluster, Table.NOT_RUNNING)


@rule(
    "daemon-unreachable",
    Severity.ERROR,
    title="BIRD could not be asked",
    meaning="The process is there but its control socket does not answer, so the node's peers are unknown - not "
    "absent. Calico's own "
    "readiness probe asks the same socket and fails too.",
    evidence="`Error querying BIRD: unable to connect to BIRDv4 socket` or its like.",
    action=f"Look whether {BIRD_SOCKET} (bird6.ctl) exists on the node and restart calico-node there if it does not.",
    messages={
        "node": "BIRD on {node} could not be asked",
        "family": "BIRD ({family:and}) on {node} could not be asked",
    },
)
def daemon_unreachable(cluster: Cluster) -> Iterator[Draft]:
    """One finding per node; the family is named where the other one answers."""
    yield from _daemon_findings(cluster, Table.UNREACHABLE)


def _daemon_findings(cluster: Cluster, state: Table) -> Iterator[Draft]:
    for member in cluster.members:
        hit = [family for family in Family if member.table(family) is state and family_matters(cluster, family)]
        if not hit:
            continue
        # Both BIRDs, or the only one that matters: the node as a whole.
        others = [
            family for family in Family if family not in hit and member.table(family) in {Table.WHOLE, Table.PART}
        ]
        family = hit[0] if len(hit) == 1 and others else None
        daemons = [member.reading.status.daemon(each) for each in hit] if member.reading else []
        messages = tuple(dict.fromkeys(daemon.message for daemon in daemons if daemon is not None and daemon.message))
        far_rows = tuple(
            row_text(end.name, row)
            for each in hit
            for session in cluster.sessions_of.get((member.name, each), ())
            for end in session.ends
            for row in end.rows
            if end.name != member.name
        )
        yield Draft(
            NodeSubject(node=member.name, family=family),
            "node" if family is None else "family",
            messages + far_rows[:_SHOWN_KEYS],
            cluster.pods.look_at(member.name),
            node=member.name,
            family=family,
        )


def family_matters(cluster: Cluster, family: Family) -> bool:
    """Whether BIRD of the family is used: it has peers or should, or runs on some node, or roles were given."""
    running = {Table.WHOLE, Table.PART, Table.UNREACHABLE}
    if cluster.shape.kind is not TopologyKind.NO_BGP and any(key.family is family for key in cluster.expected_peers):
        return True
    if family in cluster.families or any(member.table(family) in running for member in cluster.members):
        return True
    # Roles were given, so BGP is meant: where BIRD runs for no family at all, it is missing.
    return bool(cluster.shape.roles) and not any(m.table(f) in running for m in cluster.members for f in Family)
