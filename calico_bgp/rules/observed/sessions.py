"""Rules about one session, judged from both ends. Left out is what a finding about a node explains (judged.py)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from calico_bgp import shell_words
from calico_bgp.cluster.cluster import Cluster
from calico_bgp.cluster.nodes.apart import apart
from calico_bgp.cluster.nodes.members import Member, Table
from calico_bgp.cluster.sessions.mesh_rows import mesh_rows
from calico_bgp.cluster.sessions.reasons import asked_for_evidence, explain, row_text, session_evidence, telling_end
from calico_bgp.cluster.sessions.session import Session, SessionKey
from calico_bgp.messages.steps import LOOK_AT_RESOURCES, ask_bird, step
from calico_bgp.model.inventory import Role
from calico_bgp.model.peer import Family, PeerType
from calico_bgp.model.reports.report import Severity
from calico_bgp.model.reports.subject import NodeSubject, SessionSubject
from calico_bgp.model.topology import TopologyKind
from calico_bgp.rules.next_steps import about_session
from calico_bgp.rules.observed.together import lacked_by_many, lacked_draft, unasked_drafts
from calico_bgp.rules.rule import Draft, rule


def subject_of(key: SessionKey) -> SessionSubject:
    """The subject of a session."""
    return SessionSubject.between(key.a, key.b, key.family)


def _one_end_lacks_it(session: Session) -> bool:
    a, b = session.ends
    return (bool(a.rows) and b.lacks_row) or (bool(b.rows) and a.lacks_row)


@rule(
    "session-not-established",
    Severity.ERROR,
    title="A session is not Established",
    meaning="Both ends have the peer, as far as they could be read, but no routes flow between them.",
    evidence="The rows of both ends. The reason is taken from the end that says most: a bare `Passive` only waits "
    "for the other end to dial.",
    action="Follow the reason: a refused or silent port is the far host's or a firewall's, `Bad peer AS` is the "
    "configuration's.",
    messages={
        "down": "{near} and {far} are not Established over {family:and}: {why}",
    },
)
def session_not_established(cluster: Cluster) -> Iterator[Draft]:
    """One finding per bad session that no node explains and that neither end provably lacks."""
    for key, session in cluster.judged.unexplained.items():
        telling = telling_end(session)
        if telling is None or _one_end_lacks_it(session):
            continue
        end, row = telling
        far = key.far(end.name)
        yield Draft(
            subject_of(key),
            "down",
            (*session_evidence(session), *asked_for_evidence(cluster, key)),
            about_session(cluster, key, end.name, row),
            near=end.name,
            far=far,
            family=key.family,
            why=explain(end.name, far, row),
        )


@rule(
    "one-sided-session",
    Severity.ERROR,
    title="Only one end has the peer",
    meaning="One node has the peer and the other one's table does not show it. The other end lacks it in its "
    "configuration, or its protocol "
    "is disabled in BIRD: a disabled protocol disappears from its own table (calicoctl, node/status.go).",
    evidence="The row of the one end, and the other end's table without it.",
    action="On the node that shows no row, ask BIRD itself, which also shows disabled protocols: `birdcl show "
    "protocols` in the "
    "calico-node container. If it is there as `down`, `birdcl enable NAME`; if not, look at the BGPPeers "
    "(`reversePeering: Manual`).",
    messages={
        "established": "{near} shows an Established session with {far} over {family:and} that {far} does not show",
        "down": "{near} has {far} as a peer over {family:and}, {far} does not show {near}: {why}",
    },
)
def one_sided_session(cluster: Cluster) -> Iterator[Draft]:
    """One finding per session that one end provably lacks; a warning where the other end is Established."""
    for session in cluster.in_order:
        key = session.key
        if key in cluster.judged.explained or not _one_end_lacks_it(session):
            continue
        if session.is_up and cluster.judged.deviations.is_general:
            continue  # nobody's table is what it should be, and nothing is down
        has, lacks = (session.a, session.b) if session.a.rows else (session.b, session.a)
        yield Draft(
            subject_of(key),
            "established" if session.is_up else "down",
            (*session_evidence(session), *asked_for_evidence(cluster, key)),
            step(
                "on {node}, in the calico-node container: {command}",
                node=shell_words.quote(lacks.name),
                command=ask_bird(key.family, "show protocols"),
            ),
            Severity.WARNING if session.is_up else None,
            near=has.name,
            far=lacks.name,
            family=key.family,
            why=None if session.is_up else explain(has.name, lacks.name, has.rows[0]),
        )


@rule(
    "peer-missing",
    Severity.ERROR,
    title="A peer is missing",
    meaning="Two nodes should peer and no end that was read has the peer: they do not learn each other's routes "
    "from each other.",
    evidence="The tables of the ends that were read.",
    action="Look at the resources: the nodes' labels and cluster IDs, the selectors of the BGPPeers, whether the "
    "mesh is on.",
    messages={
        "neither": "{a} and {b} do not peer over {family:and}: neither has the other as a peer",
        "one-lacks": "{a} and {b} do not peer over {family:and}: {lacks} has no such peer, the other end is not known",
        "whichever": "{node} lacks {peers:count peer} that the resources ask for, whichever node it is",
        "too-few": "{node} has only {shown} of the {others:count other node} as {family:and} mesh peers",
        "lacked-by-all": "none of the {nodes:count node} has {far} as a peer over {family:and}, which the resources "
        "ask for",
        "lacked-by-all-read": "none of the {nodes:count node} that could be read has {far} as a peer over "
        "{family:and}, which the resources ask for",
        "lacked-by-some": "{lacking} of {nodes:count node} do not have {far} as a peer over {family:and}, which the "
        "resources ask for: {names}",
    },
)
def peer_missing(cluster: Cluster) -> Iterator[Draft]:
    """One finding per expected session without any row; those of reflectors have rules of their own."""
    missing = {
        key: session
        for key, session in cluster.judged.unexplained.items()
        if key in cluster.expected and not session.a.rows and not session.b.rows
        if not _has_rule_of_its_own(cluster, key)
    }
    for (family, far), keys in lacked_by_many(cluster, missing).items():
        yield lacked_draft(cluster, family, far, keys)
        for key in keys:
            del missing[key]
    for key, session in missing.items():
        lacking = [end.name for end in session.ends if end.lacks_row]
        yield Draft(
            subject_of(key),
            "neither" if len(lacking) == 2 else "one-lacks",
            (*session_evidence(session), *asked_for_evidence(cluster, key)),
            LOOK_AT_RESOURCES,
            a=key.a,
            b=key.b,
            family=key.family,
            lacks=lacking[0],
        )
    if cluster.expectation is None:
        yield from _too_few_mesh_peers(cluster)
    else:
        yield from _missing_whichever(cluster)


def _missing_whichever(cluster: Cluster) -> Iterator[Draft]:
    """Pastes that may be several nodes and lack a peer, whichever of them they are."""
    for name, deviation in sorted(cluster.judged.deviations.by_node.items()):
        if deviation.whichever and deviation.missing and not deviation.is_behind:
            yield Draft(
                NodeSubject(node=name),
                "whichever",
                deviation.lines(),
                LOOK_AT_RESOURCES,
                node=name,
                peers=len(deviation.missing),
            )


def _has_rule_of_its_own(cluster: Cluster, key: SessionKey) -> bool:
    """Whether a rule about reflectors names this missing session."""
    roles = [cluster.shape.roles.get(name) for name in (key.a, key.b)]
    if cluster.expectation is not None:
        return sorted(roles, key=str) == [Role.CLIENT, Role.REFLECTOR]
    return Role.REFLECTOR in roles


def _too_few_mesh_peers(cluster: Cluster) -> Iterator[Draft]:
    """Nodes of a mesh whose address is not known: whichever it is, they should show every other node."""
    if cluster.shape.kind is not TopologyKind.MESH:
        return
    group_of = {name: group.names for group in apart(cluster) for name in group.names}
    for family in cluster.families:
        part = {member.name for member in cluster.members if _may_be_in_mesh(cluster, member, family)}
        for name in cluster.identity.unplaced[family]:
            member = cluster.by_name[name]
            number = sum(row.peer_type is PeerType.MESH for row in member.rows(family))
            others = len(part & group_of.get(name, part)) - 1
            if member.table(family) is Table.WHOLE and 0 < number < others:
                yield Draft(
                    NodeSubject(node=name, family=family),
                    "too-few",
                    [row_text(name, row) for row in member.rows(family)[:5]],
                    LOOK_AT_RESOURCES,
                    node=name,
                    shown=number,
                    others=others,
                    family=family,
                )


def _may_be_in_mesh(cluster: Cluster, member: Member, family: Family) -> bool:
    """Whether it has peers and not only explicit ones: a node with a cluster ID is in no mesh (confd, client.go)."""
    rows = member.rows(family)
    return cluster.takes_part(member, family) and (not rows or any(row.peer_type is PeerType.MESH for row in rows))


@rule(
    "unexpected-peer",
    Severity.WARNING,
    title="A peer that should not be there",
    meaning="With Calico's resources: a node shows a peer that none of them asks for, so its BIRD runs another "
    "configuration than they say. Where most nodes show it this is an error: confd follows nowhere; but with nodes of "
    "which the resources hold no Node, and all such sessions up, perhaps only Nodes are lacking among those given.\n\n"
    "Without: two nodes peer through the node-to-node mesh already, and a BGPPeer "
    "joins them again. BIRD runs one of two protocols for one neighbour; the other stays `start Idle` for good.",
    evidence="The rows of the session.",
    action="With resources: look at the logs of calico-node there, for confd has not followed; or the resources given "
    "are not those of the datastore. Without: look which BGPPeer makes it, and whether one of the nodes should be a "
    "reflector (it then needs a routeReflectorClusterID).",
    messages={
        "in-mesh": "{a} and {b} have a {types:same} peer over {family:and} although they are in the mesh",
        "left-mesh": "{a} has {b} as a peer of the mesh over {family:and}, and {b} has it as {types:same}, like the "
        "other nodes",
        "of-several": "{nodes:count node} have {far} as a peer, which no resource asks for: {nodes}",
        "of-no-node": "{nodes:count node} have {far} as a peer, which is no node of the cluster, by its resources: "
        "{nodes}",
        "up-with-no-node": "{nodes:count node} have a session that is up with {far}, of which the resources hold no "
        "Node: they are not all there, or confd follows on no node",
        "of-one": "{node} has {far} as a peer ({type:same}) over {family:and}, which no resource asks for",
    },
)
def unexpected_peer(cluster: Cluster) -> Iterator[Draft]:
    """With resources one per far end that nothing asks for; without, one per explicit session in a mesh."""
    if cluster.expectation is not None:
        yield from unasked_drafts(cluster)
        return
    if cluster.shape.kind is not TopologyKind.MESH:
        return
    outside = mesh_rows(cluster.sessions, cluster.by_name.keys()).outside
    for session in cluster.in_order:
        key = session.key
        types = session.peer_types - {PeerType.MESH}
        if types and key.a in cluster.by_name and key.b in cluster.by_name:
            left = next((name for name in (key.a, key.b) if name in outside), None)
            if left is not None and PeerType.MESH not in session.peer_types:
                continue  # it takes no part in the mesh
            yield Draft(
                subject_of(key),
                "in-mesh" if left is None else "left-mesh",
                session_evidence(session),
                LOOK_AT_RESOURCES,
                a=key.a if left is None else key.far(left),
                b=key.b if left is None else left,
                types=" and a ".join(sorted(types)),
                family=key.family,
            )


@rule(
    "graceful-restart",
    Severity.WARNING,
    title="A graceful restart is going on",
    meaning="The peer is Established but BIRD still recovers (protocol state `wait`): until all its peers are "
    "back, at most 240 s, it "
    "announces none of its own routes, while the far ends already show `up Established`. It ends by itself.",
    evidence="Rows with `wait` or `feed` and `Established`.",
    action="Wait four minutes and audit again. If it is still `wait`, one of the node's other peers does not come "
    "back.",
    messages={
        "restarting": "BIRD on {node} is in graceful restart ({peers:count peer}): it announces no own routes yet",
    },
)
def graceful_restart(cluster: Cluster) -> Iterator[Draft]:
    """One finding per node that is recovering."""
    waiting: dict[str, list[str]] = defaultdict(list)
    for key in sorted(cluster.judged.recovering):
        for end in cluster.judged.recovering[key].ends:
            waiting[end.name].extend(row_text(end.name, row) for row in end.rows if not row.is_established)
    for name, rows in sorted(waiting.items()):
        if rows:
            yield Draft(
                NodeSubject(node=name),
                "restarting",
                rows[:5],
                (step("wait up to 240 s"), step("then audit again")),
                node=name,
                peers=len(rows),
            )
