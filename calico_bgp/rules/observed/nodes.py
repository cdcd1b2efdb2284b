"""Rules about one node: unread, daemons, isolated. Nothing about single sessions."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

from calico_bgp import shell_words
from calico_bgp.cluster.nodes.members import Member, Table
from calico_bgp.cluster.reasons import row_text, telling_end
from calico_bgp.cluster.sessions import Session, SessionKey
from calico_bgp.cluster.view import ClusterView
from calico_bgp.messages.steps import LOOK_AT_RESOURCES, Steps, step
from calico_bgp.messages.words import count
from calico_bgp.model.peer import Family
from calico_bgp.model.report import Severity
from calico_bgp.model.subject import NodeSubject
from calico_bgp.model.topology import TopologyKind
from calico_bgp.rules.next_steps import about_answer, about_sessions
from calico_bgp.rules.rule import Context, Draft, Words, rule
from calico_bgp.upstream import BIRD_SOCKET

_SHOWN_KEYS = 5
#: Rules of the lint about nodes that get no peer.
_WITHOUT_PEERS = frozenset({"node-without-peers", "node-without-address", "cluster-id-without-peers"})


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
def node_unreadable(context: Context) -> Iterator[Draft]:
    """One finding per failure."""
    for member in context.view.members:
        if member.failure is not None:
            failure = member.failure
            yield Draft(
                NodeSubject(node=member.name),
                "unreadable",
                (f"host {failure.host}",),
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
def answer_incomplete(context: Context) -> Iterator[Draft]:
    """One finding per reading that is cut, not understood, or says nothing at all."""
    for member in context.view.members:
        yield from _incomplete(context.view, member)


def _incomplete(view: ClusterView, member: Member) -> Iterator[Draft]:
    if member.reading is None:
        return
    subject, name = NodeSubject(node=member.name), member.name
    status = member.reading.status
    whole = member.reading.complete and status.complete
    if status.unrecognised and not whole:
        lines = [f"line {line.line}: {line.text}" for line in status.unrecognised[:_SHOWN_KEYS]]
        number = len(status.unrecognised)
        yield Draft(subject, "not-understood", lines, about_answer(view, member), node=name, lines=number)
        return
    if not status.daemons and not status.peers and status.felix_running is not False:
        yield Draft(subject, "nothing-about-bird", status.messages, about_answer(view, member), node=name)
        return
    if not whole:
        yield Draft(subject, "stops", status.messages, about_answer(view, member), node=name)
        return
    used = view.families or tuple(Family)
    unsaid = [
        family for family in used if member.table(family) is Table.UNKNOWN and not view.takes_part(member, family)
    ]
    if unsaid and status.felix_running is not False:
        said = [daemon.message for daemon in status.daemons if daemon.family in unsaid and daemon.message]
        families = [family.label for family in unsaid]
        yield Draft(subject, "bird-unknown", said, about_answer(view, member), node=name, families=families)


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
def felix_not_running(context: Context) -> Iterator[Draft]:
    """One finding per node whose calicoctl says so."""
    for member in context.view.members:
        if member.reading is not None and member.reading.status.felix_running is False:
            yield Draft(
                NodeSubject(node=member.name),
                "not-running",
                ("Calico process is not running.",),
                context.view.pods.look_at(member.name),
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
def daemon_not_running(context: Context) -> Iterator[Draft]:
    """One finding per node; the family is named where the other one runs."""
    yield from _daemon_findings(context.view, Table.NOT_RUNNING)


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
def daemon_unreachable(context: Context) -> Iterator[Draft]:
    """One finding per node; the family is named where the other one answers."""
    yield from _daemon_findings(context.view, Table.UNREACHABLE)


def _daemon_findings(view: ClusterView, state: Table) -> Iterator[Draft]:
    for member in view.members:
        hit = [family for family in Family if member.table(family) is state and family_matters(view, family)]
        if not hit:
            continue
        # Both BIRDs, or the only one that matters: the node as a whole.
        others = [
            family for family in Family if family not in hit and member.table(family) in {Table.WHOLE, Table.PART}
        ]
        family = hit[0] if len(hit) == 1 and others else None
        daemons = [member.reading.status.daemon(each) for each in hit] if member.reading else []
        said = tuple(dict.fromkeys(daemon.message for daemon in daemons if daemon is not None and daemon.message))
        seen = tuple(
            row_text(end.name, row)
            for each in hit
            for session in view.sessions_of.get((member.name, each), ())
            for end in session.ends
            for row in end.rows
            if end.name != member.name
        )
        yield Draft(
            NodeSubject(node=member.name, family=family),
            "node" if family is None else "family",
            said + seen[:_SHOWN_KEYS],
            view.pods.look_at(member.name),
            node=member.name,
            family=family,
        )


def family_matters(view: ClusterView, family: Family) -> bool:
    """Whether BIRD of the family is used: it has peers or should, or runs on some node, or roles were given."""
    running = {Table.WHOLE, Table.PART, Table.UNREACHABLE}
    if view.shape.kind is not TopologyKind.NO_BGP and any(key.family is family for key in view.expected_peers):
        return True
    if family in view.families or any(member.table(family) in running for member in view.members):
        return True
    # Roles were given, so BGP is meant: where BIRD runs for no family at all, it is missing.
    return bool(view.shape.roles) and not any(m.table(f) in running for m in view.members for f in Family)


@rule(
    "isolated-node",
    Severity.ERROR,
    title="A node has no Established session",
    meaning="The node learns no routes and no one learns its routes, so its pods are cut off from the pods of "
    "other nodes. calico-node "
    "can be `ready` all the same: a node without peers is ready.",
    evidence="Every row about the node, at its own end and at the others; or that nobody has a row at all. Its "
    "sessions are not "
    "reported one by one.",
    action="If the node shows no peers at all, look at the resources (its labels, its cluster ID, the selectors of "
    "the BGPPeers, whether "
    "the mesh is on). If it shows peers that are down, look at its network and its firewall (TCP port 179).",
    messages={
        "no-peers": "{node} has no peers{where}, while other nodes have",
        "nobodys-peer": "no node has {node} as a peer{where}, although {sessions:count session} should be there",
        "only-session-down": "{node} has no Established session{where}: its only session is down{reason}",
        "all-down": "{node} has no Established session{where}: all {sessions} are down{reason}",
        "over-family": " over {family:and}",
        "said-by-most": " ({error:same})",
    },
)
def isolated_node(context: Context) -> Iterator[Draft]:
    """One finding per member all of whose sessions are bad; the family is named where the other one works."""
    view = context.view
    if not view.sessions:
        return
    found: dict[str, dict[Family, tuple[SessionKey, ...]]] = defaultdict(dict)
    for (name, family), keys in context.blame.isolated.items():
        if name in view.by_name:
            found[name][family] = keys
    # A node that lacks what the resources ask for has rule configuration-behind.
    behind = {deviation.node for deviation in context.blame.deviations.behind}
    for member in view.members:
        if member.name in found or member.name in behind or _lint_says_so(context, member):
            continue
        if _is_lonely(view, member):
            found[member.name] = {}
    for name, by_family in sorted(found.items()):
        yield _isolated_draft(context, view.by_name[name], by_family)


def _is_lonely(view: ClusterView, member: Member) -> bool:
    """No one has a row for it, it has none in any family, and its BIRD answers - while other nodes have peers."""
    if any(view.takes_part(member, family) for family in Family):
        return False
    return any(member.table(family) is Table.WHOLE for family in view.families)


def _lint_says_so(context: Context, member: Member) -> bool:
    """Whether the resources ask for no peer there and the lint says why."""
    asked = context.view.expectation
    if asked is None or member.resource is None or asked.peers.get(member.resource.name):
        return False
    return any(f.rule in _WITHOUT_PEERS and f.severity is Severity.ERROR for f in context.linted)


def _isolated_draft(context: Context, member: Member, by_family: dict[Family, tuple[SessionKey, ...]]) -> Draft:
    view = context.view
    part = [family for family in Family if family in by_family or view.takes_part(member, family)]
    family = next(iter(by_family)) if len(by_family) == 1 and len(part) > 1 else None
    sessions = [view.session(*key) for keys in by_family.values() for key in keys]
    rows = [row_text(end.name, row) for session in sessions for end in session.ends for row in end.rows]
    mine = [row for row in member.reading.peers if family is None or row.family is family] if member.reading else []
    steps: Steps = LOOK_AT_RESOURCES
    if member.reading is not None and not mine:
        key = "no-peers"
    elif sessions and not rows:
        # Nobody has it as a peer, so nothing says that it is down: the others' BIRD has not heard of it.
        key = "nobodys-peer"
    else:
        key = "only-session-down" if len(sessions) == 1 else "all-down"
        steps = (
            about_sessions(view, member.name, sessions)
            if member.reading is not None
            else step("look whether {node} is up and on the network", node=shell_words.quote(member.name))
        )
    shown = tuple(rows[:_SHOWN_KEYS])
    more = (f"and {count(len(rows) - len(shown), 'more row')}",) if len(rows) > len(shown) else ()
    return Draft(
        NodeSubject(node=member.name, family=family),
        key,
        shown + more,
        steps,
        node=member.name,
        where=None if family is None else Words("over-family", family=family),
        sessions=len(sessions),
        reason=_usual_reason(sessions),
    )


def _usual_reason(sessions: list[Session]) -> Words | None:
    """What most of the sessions say, in BIRD's words; a bare `Passive` says nothing."""
    told = [telling_end(session) for session in sessions]
    said = Counter(end[1].error.message for end in told if end is not None and end[1].error is not None)
    return Words("said-by-most", error=said.most_common(1)[0][0]) if said else None
