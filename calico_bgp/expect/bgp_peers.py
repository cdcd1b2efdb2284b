"""What every BGPPeer selects: its near nodes, its far ends, and the reverse. Which of them wins is passes.py's to say.

confd/pkg/backends/calico/client.go updatePeersV1, nodeAsBGPPeers, nodesWithIPPortAndAS.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from calico_bgp.errors import SelectorSyntaxError
from calico_bgp.expect.entry import Entry, Settings, make_entry
from calico_bgp.expect.peer_ip import PeerIP, parse_peer_ip
from calico_bgp.expect.speakers import Speaker
from calico_bgp.expect.version import CalicoVersion
from calico_bgp.model.peer import Family
from calico_bgp.model.resources import BGPPeer, Resources
from calico_bgp.parse.addresses import go_address
from calico_bgp.selector.evaluate import matches
from calico_bgp.selector.parser import parse_selector

#: Fields that an older Calico does not know and so ignores (release notes of v3.30 and v3.31).
LOCAL_WORKLOADS_SINCE = CalicoVersion(3, 30)
SESSION_FIELDS_SINCE = CalicoVersion(3, 31)


class Skip(NamedTuple):
    """The field for which Calico makes nothing of a BGPPeer, and why in words."""

    field: str
    why: str


@dataclass(frozen=True, slots=True)
class Selected:
    """What one BGPPeer comes to.

    Attributes:
        peer: The resource.
        near: The names of its near nodes, sorted; for a global peer every node.
        forward: The far ends that near nodes get.
        far: The names of the nodes at the far end, which automatic reverse peering gives `backward`; empty when it is
            switched off or the far end is no node.
        backward: The near nodes as far ends.
        far_addresses: Families that reverse peering covers.
        workload: Whether its far ends are pods on the near nodes, whose addresses no resource tells.
        skipped: Why Calico makes nothing of it (or nothing but the reverse), in words; None when it does.
        bad_selectors: (field, error) of selectors that do not parse and so match nothing.
    """

    peer: BGPPeer
    near: tuple[str, ...] = ()
    forward: tuple[Entry, ...] = ()
    far: tuple[str, ...] = ()
    backward: tuple[Entry, ...] = ()
    workload: bool = False
    skipped: Skip | None = None
    bad_selectors: tuple[tuple[str, SelectorSyntaxError], ...] = ()


class Selection:
    """Applies BGPPeers to the nodes of one cluster; remembers what selectors matched, for many BGPPeers share them."""

    def __init__(self, resources: Resources, speakers: Mapping[str, Speaker], version: CalicoVersion) -> None:
        self._speakers = speakers
        self._version = version
        self._everyone = tuple(speakers)
        self._matched: dict[str, tuple[str, ...] | SelectorSyntaxError] = {}
        # Looked up once: `resources` searches its configurations at every call, and each node may have one.
        self._global_as = resources.as_number
        config = resources.global_config
        self._global_port = (config.listen_port or None) if config is not None else None
        self._by_text: dict[str, list[Speaker]] = {}
        for speaker in speakers.values():
            for text in speaker.texts.values():
                self._by_text.setdefault(text, []).append(speaker)

    def select(self, peer: BGPPeer) -> Selected:
        """What a BGPPeer comes to."""
        bad: list[tuple[str, SelectorSyntaxError]] = []
        near = self._near(peer, bad)
        if peer.local_workload_selector is not None and self._version >= LOCAL_WORKLOADS_SINCE:
            return Selected(peer, near, workload=True, bad_selectors=tuple(bad))
        if peer.peer_selector is not None:
            far = self._match("peerSelector", peer.peer_selector, bad)
            forward = self._entries(far, Family, peer)
            families: Iterable[Family] = Family
            skipped = None
        elif peer.peer_ip is not None:
            target = parse_peer_ip(peer.peer_ip)
            far = self._named_by(target, peer.as_number)
            forward, skipped = self._forward_to_address(target, far, peer)
            # As text: `::ffff:192.0.2.1` is an IPv4 address to Go, but holds a colon.
            families = (Family.IPV6,) if ":" in target.host else (Family.IPV4,)
        else:
            return Selected(
                peer, near, skipped=Skip("peerIP", "it has neither peerIP nor peerSelector"), bad_selectors=tuple(bad)
            )
        if not self._reverses(peer):
            far = ()
        backward = self._entries(near, families, peer) if far else ()
        return Selected(peer, near, forward, far, backward, skipped=skipped, bad_selectors=tuple(bad))

    def _reverses(self, peer: BGPPeer) -> bool:
        return peer.reverse_peering != "Manual" or self._version < SESSION_FIELDS_SINCE

    def _near(self, peer: BGPPeer, bad: list[tuple[str, SelectorSyntaxError]]) -> tuple[str, ...]:
        if peer.node_selector is not None:
            return self._match("nodeSelector", peer.node_selector, bad)
        if peer.node is not None:
            return (peer.node,) if peer.node in self._speakers else ()
        return self._everyone

    def _match(self, field: str, text: str, bad: list[tuple[str, SelectorSyntaxError]]) -> tuple[str, ...]:
        if text not in self._matched:
            self._matched[text] = self._matching(text)
        names = self._matched[text]
        if isinstance(names, SelectorSyntaxError):
            bad.append((f"spec.{field}", names))
            return ()
        return names

    def _matching(self, text: str) -> tuple[str, ...] | SelectorSyntaxError:
        try:
            selector = parse_selector(text)
        except SelectorSyntaxError as error:
            return error
        return tuple(speaker.name for speaker in self._speakers.values() if matches(selector, speaker.labels))

    def _named_by(self, target: PeerIP, as_number: int | None) -> tuple[str, ...]:
        """The nodes that a `peerIP` names: address as text, AS and port must fit (nodesWithIPPortAndAS)."""
        wanted_as = as_number or self._global_as
        return tuple(
            speaker.name
            for speaker in self._by_text.get(target.host, ())
            if speaker.local_as == wanted_as and self._port_fits(speaker, target.port)
        )

    def _port_fits(self, speaker: Speaker, port: int | None) -> bool:
        """As upstream has it: a global listenPort that differs is no match even where the node's own one is equal."""
        if port is None:
            return True
        return speaker.own_port in {None, port} and self._global_port in {None, port}

    def _entries(self, names: Iterable[str], families: Iterable[Family], peer: BGPPeer) -> tuple[Entry, ...]:
        """Nodes as far ends, with the AS, port and cluster ID that they have (nodeAsBGPPeers)."""
        other_settings = _rest(peer)
        next_hop_mode = self._next_hop_mode(peer)
        in_use = tuple(families)
        entries = []
        for name in names:
            far = self._speakers[name]
            settings = Settings(far.local_as, far.cluster_id, next_hop_mode=next_hop_mode, rest=other_settings)
            for family in in_use:
                address = far.address(family)
                if address is not None:
                    key = (far.texts[family], far.port)
                    entries.append(make_entry(key, address, settings, name, self._version))
        return tuple(entries)

    def _forward_to_address(
        self, target: PeerIP, near_nodes: tuple[str, ...], peer: BGPPeer
    ) -> tuple[tuple[Entry, ...], Skip | None]:
        """The far end that a `peerIP` is, or why Calico skips it."""
        address = target.address
        if address is None:
            return (), Skip("peerIP", f"its peerIP {peer.peer_ip!r} is no address")
        if peer.reachable_by is not None:
            gateway = go_address(peer.reachable_by)
            if gateway is None:
                return (), Skip("reachableBy", f"its reachableBy {peer.reachable_by!r} is no address")
            if gateway.version != address.version:
                why = f"its reachableBy {peer.reachable_by} is of another family than its peerIP"
                return (), Skip("reachableBy", why)
        newer = self._version >= SESSION_FIELDS_SINCE
        owners = self._by_text.get(target.host, [])
        port = target.port if target.port is not None or not near_nodes else self._speakers[near_nodes[0]].port
        settings = Settings(
            peer_as=peer.as_number or 0,
            cluster_id=None,
            is_calico_node=bool(owners),
            local_as=(peer.local_as_number or None) if newer else None,
            allowed_local_as=peer.num_allowed_local_as_numbers or 0,
            next_hop_mode=self._next_hop_mode(peer),
            keep_next_hop=peer.keep_original_next_hop,
            rest=_rest(peer),
        )
        far_node = owners[0].name if owners else self._owner(str(address))
        return (make_entry((str(address), port), address, settings, far_node, self._version),), None

    def _owner(self, text: str) -> str | None:
        """The node that has an address, also where its spelling in `peerIP` hides that from Calico."""
        owners = self._by_text.get(text)
        return owners[0].name if owners else None

    def _next_hop_mode(self, peer: BGPPeer) -> str | None:
        return peer.next_hop_mode if self._version >= SESSION_FIELDS_SINCE else None


def _rest(peer: BGPPeer) -> tuple[object, ...]:
    source = peer.source_address or "UseNodeIP"
    # Which Secret is not known, so two BGPPeers with a password may have the same one: that is no conflict we can see.
    return (peer.has_password, peer.max_restart_time, peer.ttl_security, source, peer.filters, peer.reachable_by)
