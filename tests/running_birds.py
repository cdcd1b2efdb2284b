"""What nodes show whose BIRDs run what Calico's resources ask for, or asked for before: rows by BIRD's own logic.

A session stands where one end dials an address that the other one has, which has a peer for the address that it comes
from, on the port that it listens at, with the AS numbers and the password of this one. Else each end shows why not, in
the words that real BIRDs have for it (tests/rig). Nothing that judges may enter this file.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from ipaddress import ip_address

from calico_bgp.expect.engine import Expectation, expect
from calico_bgp.lab.externals import CLOSED, ESTABLISHED, MUSL_WORDS, REFUSED, TIMED_OUT, Row
from calico_bgp.lab.printing.protocols import FamilyTable, NodeTable, Protocol
from calico_bgp.model.expected import ExpectedPeer
from calico_bgp.model.inventory import Host
from calico_bgp.model.kubernetes import KubernetesNode, KubernetesState, NodePod, PodKind
from calico_bgp.model.peer import Address, BGPState, Family
from calico_bgp.model.reading import DaemonState, GatherFailure, NodeReading, Stage
from calico_bgp.model.resources import Resources
from calico_bgp.model.routes.bird_reading import BirdReading, ProtocolReading
from calico_bgp.model.snapshot import Snapshot

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
_SINCE = NOW - timedelta(hours=1)
_HELD = Row("start", BGPState.PASSIVE, "BGP Error: Hold timer expired")
_BAD_AS = "Bad peer AS"


@dataclass(frozen=True)
class Birds:
    """A cluster at one moment.

    Attributes:
        now: Calico's resources.
        before: What they were when the nodes of `stuck` last followed.
        stuck: Nodes whose confd follows no more.
        off: Nodes of which nothing comes.
        unread: Nodes that run and that nobody asked.
        down: Nodes whose BIRDs do not run.
        not_restarted: Nodes whose BIRDs follow, and still listen at the port that they had before.
        hosts: Node → the addresses on its interfaces, where these are not those of its Node.
        disabled: (node, peer) that somebody disabled in BIRD on the node.
        externals: Address of a device outside the cluster → what the row for it says.
        cut: Whether packets from one node to another are lost.
        seen_from: Node → the address from which its connections come to others, where that is not its own: NAT, or a
            BGPPeer with `sourceAddress: None`.
        password: What a node has as the password of its session with another one.
    """

    now: Resources
    before: Resources | None = None
    stuck: frozenset[str] = frozenset()
    off: frozenset[str] = frozenset()
    unread: frozenset[str] = frozenset()
    down: frozenset[str] = frozenset()
    not_restarted: frozenset[str] = frozenset()
    hosts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    disabled: frozenset[tuple[str, str]] = frozenset()
    externals: Mapping[str, Row] = field(default_factory=dict)
    seen_from: Mapping[str, str] = field(default_factory=dict)
    cut: Callable[[str, str], bool] = lambda _from, _to: False
    password: Callable[[str, str], str] = lambda _own, _far: ""

    def snapshot(
        self, *, resources: bool = True, through_api: bool = False, details: bool = True, addresses: bool = True
    ) -> Snapshot:
        """What a gathering gives.

        Args:
            resources: Whether Calico's resources are given.
            through_api: Whether the API server was asked, which names the Nodes.
            details: Whether BIRD was asked for its own list of protocols.
            addresses: Whether hosts list their own addresses; an old image has no tool for that.
        """
        names = [name for name in self._names if not through_api or name in self.now.nodes_by_name]
        silent = self.off | self.unread
        return Snapshot(
            hosts=tuple(Host(name=name, node=name) for name in names),
            taken_at=NOW,
            readings=tuple(self._reading(n, details, addresses) for n in names if n not in silent),
            failures=tuple(
                GatherFailure(host=name, node=name, stage=Stage.CONNECT, message="nothing answers")
                for name in names
                if name in silent
            ),
            resources=self.now if resources else None,
            kubernetes=self._kubernetes() if through_api else None,
        )

    def _kubernetes(self) -> KubernetesState:
        return KubernetesState(
            nodes=tuple(
                KubernetesNode(node.name, ready=None if node.name in self.off else True) for node in self.now.nodes
            ),
            pods=tuple(
                NodePod(
                    PodKind.CALICO_NODE,
                    "calico-system",
                    f"calico-node-{node.name}",
                    node.name,
                    "Running",
                    ready=node.name not in self.off,
                    running=True,
                    backend="bird",
                )
                for node in self.now.nodes
            ),
        )

    def _reading(self, name: str, details: bool, addresses: bool) -> NodeReading:
        tables = tuple(self._table(name, family) for family in Family)
        return NodeReading(
            host=name,
            node=name,
            status=NodeTable(name, felix_running=True, families=tables).status,
            addresses=tuple(sorted(self._interfaces[name], key=str)) if addresses else (),
            taken_at=NOW,
            clock=NOW,
            birds=tuple(_details(one) for one in tables if details and one.state is DaemonState.RUNNING),
        )

    def _table(self, name: str, family: Family) -> FamilyTable:
        if name in self.down:
            return FamilyTable(family, DaemonState.NOT_RUNNING)
        protocols: list[Protocol] = []
        for peer in self._peers(name, family):
            row = self._row(name, family, peer)
            if any(other.address == peer.address for other in protocols):
                row = Row("start", BGPState.IDLE)  # of two protocols for one neighbour BIRD runs one
            error = MUSL_WORDS.get(row.error, row.error)
            since = f"{_SINCE:%H:%M:%S}"
            ends = (peer.address, peer.local_as, peer.peer_as, peer.reflector_client, peer.cluster_id)
            protocols.append(Protocol(peer.name, row.state, since, row.bgp_state, error, None, *ends))
        return FamilyTable(family, DaemonState.RUNNING, tuple(protocols), f"{_SINCE:%H:%M:%S}")

    @cached_property
    def _names(self) -> list[str]:
        both = (*self.now.nodes, *(self.before.nodes if self.before else ()))
        return list(dict.fromkeys(node.name for node in both))

    @cached_property
    def _interfaces(self) -> dict[str, set[Address]]:
        found: dict[str, set[Address]] = {}
        for resources in (self.now, self.before or self.now):
            for node in resources.nodes:
                found[node.name] = {known for known in (node.ipv4, node.ipv6) if known is not None}
        return found | {name: set(map(ip_address, texts)) for name, texts in self.hosts.items()}

    @cached_property
    def _owners(self) -> dict[Address, str]:
        return {address: name for name in reversed(self._names) for address in self._interfaces[name]}

    @cached_property
    def _expectations(self) -> tuple[Expectation, Expectation]:
        return expect(self.now), expect(self.before or self.now)

    def _follows(self, name: str, family: Family) -> bool:
        refused = any((r.node, r.family) == (name, family) for r in self._expectations[0].refusals)
        return name not in self.stuck and not refused and name in self.now.nodes_by_name

    def _peers(self, name: str, family: Family) -> list[ExpectedPeer]:
        asked = self._expectations[0 if self._follows(name, family) else 1].peers
        return [peer for peer in asked.get(name, ()) if peer.family is family]

    def _source(self, name: str, family: Family) -> Address | None:
        resources = self.now if self._follows(name, family) else self.before or self.now
        node = resources.nodes_by_name.get(name)
        return None if node is None else node.address(family)

    def _listens_at(self, name: str) -> int:
        resources = self.before or self.now if name in self.stuck | self.not_restarted else self.now
        config = resources.global_config
        return resources.listen_ports.get(name) or (config.listen_port if config else None) or 179

    def _row(self, own: str, family: Family, peer: ExpectedPeer) -> Row:
        if str(peer.address) in self.externals:
            return self.externals[str(peer.address)]
        far = self._owners.get(peer.address)
        if far is not None and (own, far) in self.disabled:
            return Row("down", None)
        mine = None if peer.passive else self._dial(own, family, peer)
        theirs = self._back(own, far, family)
        dials_back = theirs is not None and not theirs.passive and (far, own) not in self.disabled
        if ESTABLISHED in (mine, self._dial(far, family, theirs) if far and theirs and dials_back else None):
            return ESTABLISHED
        return mine or self._waiting(own, far, family, theirs)

    def _back(self, own: str, far: str | None, family: Family) -> ExpectedPeer | None:
        """The far end's peer for this one, where its BIRD runs."""
        if far is None or far in self.off | self.down:
            return None
        return next((p for p in self._peers(far, family) if p.address == self._source(own, family)), None)

    def _waiting(self, own: str, far: str | None, family: Family, theirs: ExpectedPeer | None) -> Row:
        """The row of an end that only waits."""
        if far is None or far in self.off:
            return _HELD
        if theirs is None:
            said = "Administrative shutdown" if far in self.down else "Peer de-configured"
            return Row("start", BGPState.PASSIVE, f"Received: {said}")
        if (far, own) in self.disabled:
            return Row("start", BGPState.PASSIVE, "Received: Administrative shutdown")
        row = self._dial(far, family, theirs)
        if row.bgp_state is BGPState.CONNECT:
            return _HELD
        if _BAD_AS in row.error:
            ours = row.error.startswith("Received")
            return Row("start", BGPState.IDLE, f"{'BGP Error' if ours else 'Received'}: {_BAD_AS}")
        return Row("start", BGPState.PASSIVE)

    def _dial(self, own: str, family: Family, peer: ExpectedPeer) -> Row:
        """What comes of dialling: the first thing in the way."""
        far = self._owners.get(peer.address)
        if self._source(own, family) not in self._interfaces[own]:
            return Row("start", BGPState.ACTIVE, CLOSED)
        if far is None or far in self.off or self.cut(own, far) or self.cut(far, own):
            return Row("start", BGPState.CONNECT, TIMED_OUT)
        if far in self.down or not self._peers(far, family) or (peer.port or 179) != self._listens_at(far):
            return Row("start", BGPState.ACTIVE, REFUSED)
        theirs = self._back(own, far, family)
        if theirs is None or own in self.seen_from:
            return Row("start", BGPState.ACTIVE, CLOSED)
        if (far, own) in self.disabled:
            return Row("start", BGPState.IDLE, "Received: Administrative shutdown")
        if self.password(own, far) != self.password(far, own):
            return Row("start", BGPState.ACTIVE, TIMED_OUT)
        if peer.peer_as != theirs.local_as:
            return Row("start", BGPState.IDLE, f"BGP Error: {_BAD_AS}")
        if theirs.peer_as != peer.local_as:
            return Row("start", BGPState.IDLE, f"Received: {_BAD_AS}")
        return ESTABLISHED


def _details(table: FamilyTable) -> BirdReading:
    """What BIRD lists itself: disabled protocols as well."""
    return BirdReading(
        family=table.family,
        version="v0.3.3+birdv1.6.8",
        is_long=True,
        protocols=tuple(
            ProtocolReading(
                name=one.name,
                proto="BGP",
                state=one.state,
                since=one.since,
                info=one.info,
                neighbor_address=one.address,
                neighbor_as=one.peer_as,
                last_error=one.error or None,
            )
            for one in table.protocols
        ),
    )
