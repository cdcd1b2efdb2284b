"""Rules about ends without any Established session: a node, an external peer, a node that is not in sight."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator

from calico_bgp import shell_words
from calico_bgp.cluster.cluster import Cluster
from calico_bgp.cluster.nodes.members import Member, Table
from calico_bgp.cluster.sessions.reasons import row_text, telling_end
from calico_bgp.cluster.sessions.session import Session, SessionKey
from calico_bgp.messages.declared import Words
from calico_bgp.messages.steps import LOOK_AT_RESOURCES, Steps, step
from calico_bgp.messages.words import count
from calico_bgp.model.peer import Address, Family, Peer, PeerType, only_family
from calico_bgp.model.reports.report import Severity
from calico_bgp.model.reports.subject import AddressSubject, NodeSubject
from calico_bgp.routes.counts import carries_pods
from calico_bgp.rules.next_steps import about_sessions
from calico_bgp.rules.rule import Draft, rule
from calico_bgp.upstream import POD_SELECTOR

#: Rules of the lint about nodes that get no peer.
_WITHOUT_PEERS = frozenset({"node-without-peers", "node-without-address", "cluster-id-without-peers"})

_SHOWN = 5


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
        "all-down": "{node} has no Established session{where}: {sessions:every} are down{reason}",
        "over-family": " over {family:and}",
        "said-by-most": " ({error:same})",
    },
)
def isolated_node(cluster: Cluster) -> Iterator[Draft]:
    """One finding per member all of whose sessions are bad; the family is named where the other one works."""
    if not cluster.sessions:
        return
    sessions_of: dict[str, dict[Family, tuple[SessionKey, ...]]] = defaultdict(dict)
    for (name, family), keys in cluster.judged.isolated.items():
        if name in cluster.by_name:
            sessions_of[name][family] = keys
    # A node that lacks what the resources ask for has rule configuration-behind.
    behind = {deviation.node for deviation in cluster.judged.deviations.behind}
    lonely = {
        member.name
        for member in cluster.members
        if not (member.name in sessions_of or member.name in behind)
        and not _lint_says_so(cluster, member)
        and _is_lonely(cluster, member)
    }
    perhaps = Severity.WARNING if _only_some_have_switches(cluster, lonely) else None
    for name in sorted(sessions_of.keys() | lonely):
        member = cluster.by_name[name]
        yield _isolated_draft(cluster, member, sessions_of.get(name, {}), perhaps if name in lonely else None)


def _is_lonely(cluster: Cluster, member: Member) -> bool:
    """No one has a row for it, it has none in any family, and its BIRD answers - while other nodes have peers."""
    if any(cluster.takes_part(member, family) for family in Family):
        return False
    return any(member.table(family) is Table.WHOLE for family in cluster.families)


def _only_some_have_switches(cluster: Cluster, lonely: Collection[str]) -> bool:
    """Whether most nodes have no peer, and the others none but devices outside the cluster: perhaps all that is meant.

    So it is with VXLAN, where a few nodes announce services to a switch. Only the resources tell.
    """
    read = sum(member.reading is not None for member in cluster.members)
    between = any({key.a, key.b} <= cluster.by_name.keys() for key in cluster.sessions)
    return cluster.expectation is None and not between and 2 * len(lonely) > read


def _lint_says_so(cluster: Cluster, member: Member) -> bool:
    """Whether the resources ask for no peer there and the lint says why."""
    expectation = cluster.expectation
    if expectation is None or member.resource is None or expectation.peers.has_any(member.resource.name):
        return False
    if not any(carries_pods(cluster, family) for family in cluster.families):
        return True  # all pods have their routes of Felix, and somebody gave peers to a few nodes only
    return any(f.rule in _WITHOUT_PEERS and f.severity is Severity.ERROR for f in cluster.linted)


def _isolated_draft(
    cluster: Cluster, member: Member, by_family: dict[Family, tuple[SessionKey, ...]], severity: Severity | None
) -> Draft:
    part = [family for family in Family if family in by_family or cluster.takes_part(member, family)]
    family = only_family(by_family) if len(part) > 1 else None
    sessions = [cluster.session(*key) for keys in by_family.values() for key in keys]
    number = _number(cluster, member.name, sessions)
    rows = [row_text(end.name, row) for session in sessions for end in session.ends for row in end.rows]
    own_rows = [row for row in member.reading.peers if family is None or row.family is family] if member.reading else []
    steps: Steps = LOOK_AT_RESOURCES
    if member.reading is not None and not own_rows:
        key = "no-peers"
    elif sessions and not rows:
        # Nobody has it as a peer, so nothing says that it is down: the others' BIRD has not heard of it.
        key = "nobodys-peer"
    else:
        key = "only-session-down" if number == 1 else "all-down"
        steps = (
            about_sessions(cluster, member.name, sessions)
            if member.reading is not None
            else step("look whether {node} is up and on the network", node=shell_words.quote(member.name))
        )
    first_rows = tuple(rows[:_SHOWN])
    more = (f"and {count(len(rows) - len(first_rows), 'more row')}",) if len(rows) > len(first_rows) else ()
    return Draft(
        NodeSubject(node=member.name, family=family),
        key,
        first_rows + more,
        steps,
        severity,
        node=member.name,
        where=None if family is None else Words("over-family", family=family),
        sessions=number,
        reason=_usual_reason(sessions),
    )


def _number(cluster: Cluster, name: str, sessions: list[Session]) -> int:
    """How many sessions these are: with a node whose address nobody knows each end shows one of its own."""
    to_address = to_unplaced = 0
    for session in sessions:
        far, family = session.key.far(name), session.key.family
        to_address += far not in cluster.by_name
        to_unplaced += far in cluster.identity.unplaced[family]
    return len(sessions) - min(to_address, to_unplaced)


def _usual_reason(sessions: list[Session]) -> Words | None:
    """What most of the sessions say, in BIRD's words; a bare `Passive` says nothing."""
    ends = [telling_end(session) for session in sessions]
    errors = Counter(end[1].error.message for end in ends if end is not None and end[1].error is not None)
    return Words("said-by-most", error=errors.most_common(1)[0][0]) if errors else None


@rule(
    "external-peer-down",
    Severity.ERROR,
    title="An external peer is down for every node",
    meaning="An address that is none of the cluster's nodes - a top-of-rack switch, say, or a node that is not in "
    "hosts.txt - has no "
    "Established session with any of the nodes that peer with it.",
    evidence="The rows of the nodes that peer with it.",
    action="Look at that device first; the nodes agree about it.",
    messages={
        "down": "no node has an Established session with {address}: {peers:every peer} of it down",
        "perhaps": "no node has an Established session with {address} (perhaps {unread:or}): {peers:every peer} "
        "of it down",
    },
)
def external_peer_down(cluster: Cluster) -> Iterator[Draft]:
    """One finding per address that is isolated; peers of the mesh have rule mesh-peer-down."""
    for address, key, rows in isolated_addresses(cluster):
        if not all(row.peer_type is PeerType.MESH for _, row in rows):
            unread = _unread_without_address(cluster, key)[:3]
            yield Draft(
                AddressSubject(address=address),
                "perhaps" if unread else "down",
                [row_text(name, row) for name, row in rows[:5]],
                step("look at {address} itself", address=str(address)),
                address=address,
                unread=unread,
                peers=len(rows),
            )


def isolated_addresses(cluster: Cluster) -> Iterator[tuple[Address, SessionKey, list[tuple[str, Peer]]]]:
    """Isolated addresses of no known node: one of the sessions, and all rows with who shows them."""
    keys_by_address: dict[str, list[SessionKey]] = defaultdict(list)
    for (name, _), keys in cluster.judged.isolated.items():
        if name not in cluster.by_name:
            keys_by_address[name].extend(keys)
    for keys_of_address in keys_by_address.values():
        sessions = [cluster.judged.bad[key] for key in keys_of_address]
        rows = [(end.name, row) for session in sessions for end in session.ends for row in end.rows]
        address = next((row.address for _, row in rows if row.address is not None), None)
        if address is not None:
            yield address, keys_of_address[0], rows


def _unread_without_address(cluster: Cluster, key: SessionKey) -> list[str]:
    """The nodes that were not read and whose address nobody knows: the address may be one of theirs."""
    return [name for name in cluster.identity.unplaced[key.family] if cluster.by_name[name].reading is None]


@rule(
    "mesh-peer-down",
    Severity.ERROR,
    title="A node that is not in sight is down for every node",
    meaning="A node-to-node mesh peer is always a Calico node (confd, bgp_processor.go processMeshPeers), here one "
    "whose table nobody gave. None of the nodes that show it has a session with it: its BIRD does not run, the host is "
    "off or cut off, or its Node is one that is left of a node that was removed or renamed.",
    evidence="The rows of the nodes that show it.",
    action="Look at calico-node on that node; if Kubernetes has no such node, delete the Node.",
    messages={
        "down-for-all": "no session of the mesh with the node {address} is up: {peers:every peer} of it down",
    },
)
def mesh_peer_down(cluster: Cluster) -> Iterator[Draft]:
    """One finding per address that is isolated and that only the mesh names."""
    for address, _, rows in isolated_addresses(cluster):
        if all(row.peer_type is PeerType.MESH for _, row in rows):
            yield Draft(
                AddressSubject(address=address),
                "down-for-all",
                [row_text(name, row) for name, row in rows[:_SHOWN]],
                (step("kubectl get nodes -o wide"), step(f"then kubectl get pods -A -l {POD_SELECTOR} -o wide")),
                address=address,
                peers=len(rows),
            )
