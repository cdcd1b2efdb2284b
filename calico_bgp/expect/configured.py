"""What Calico's resources come to: peers, selectors and what they match, reflectors, the mesh. Judges nothing.

What many rules and causes ask for is worked out once here.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import cached_property

from calico_bgp.errors import SelectorSyntaxError
from calico_bgp.expect.engine import Expectation
from calico_bgp.expect.entry import EntryKey
from calico_bgp.expect.speakers import Speaker, speakers_of
from calico_bgp.model.expected import ExpectedPeer
from calico_bgp.model.peer import Family
from calico_bgp.model.resources import BGPPeer, CalicoNode, Resources
from calico_bgp.near_names import near_name
from calico_bgp.parse.cluster_id import DOCUMENTED_CLUSTER_ID, is_plain_cluster_id
from calico_bgp.selector.evaluate import matches
from calico_bgp.selector.parser import parse_selector
from calico_bgp.selector.tree import Selector, labels_of, wanted_labels


@dataclass(frozen=True)
class Configured:
    """Resources and what Calico would make of them.

    Attributes:
        expectation: The peers that they ask for; it says for which Calico.
    """

    expectation: Expectation

    @property
    def resources(self) -> Resources:
        """As they were read."""
        return self.expectation.resources

    @cached_property
    def has_nodes(self) -> bool:
        """Whether there is a Node. Without any, nothing can be said about what selectors match."""
        return bool(self.resources.nodes)

    @cached_property
    def nodes(self) -> dict[str, CalicoNode]:
        """The nodes by name."""
        return self.resources.nodes_by_name

    @cached_property
    def mesh_enabled(self) -> bool:
        """Whether the node-to-node mesh is on."""
        return self.resources.mesh_enabled

    @cached_property
    def peers_by_name(self) -> dict[str, BGPPeer]:
        """The BGPPeers by name."""
        return {peer.name: peer for peer in self.resources.bgp_peers}

    @cached_property
    def near(self) -> dict[str, tuple[str, ...]]:
        """BGPPeer → the nodes at its near end."""
        return {selected.peer.name: selected.near for selected in self.expectation.selected}

    @cached_property
    def speakers(self) -> dict[str, Speaker]:
        """The nodes by name, with the global values filled in."""
        return speakers_of(self.resources)

    @cached_property
    def reflectors(self) -> tuple[str, ...]:
        """The names of the nodes with a cluster ID, sorted."""
        return tuple(sorted(node.name for node in self.resources.nodes if node.cluster_id))

    @cached_property
    def cluster_id_to_use(self) -> str:
        """What a new reflector is advised to have: what most reflectors have, as far as everybody takes it."""
        used = Counter(id_ for name in self.reflectors if is_plain_cluster_id(id_ := self.nodes[name].cluster_id or ""))
        return max(sorted(used), key=used.__getitem__, default=DOCUMENTED_CLUSTER_ID)

    @cached_property
    def mesh_members(self) -> dict[Family, tuple[CalicoNode, ...]]:
        """Who takes part in the mesh: nodes with an address of the family and without a cluster ID; none when off."""
        members = [node for node in self.resources.nodes if self.mesh_enabled and not node.cluster_id]
        return {family: tuple(node for node in members if node.address(family) is not None) for family in Family}

    @cached_property
    def explicit(self) -> dict[str, tuple[ExpectedPeer, ...]]:
        """Node → its peers that BGPPeers make. A mesh has a million peers, these are few."""
        peers = self.expectation.peers
        return {node: tuple(p for family in Family for p in peers.together(node, family, ())) for node in peers}

    @cached_property
    def explicit_ends(self) -> dict[tuple[str, str, Family], tuple[ExpectedPeer, ...]]:
        """(near node, far node, family) → the explicit peers of the near node for it."""
        by_ends: defaultdict[tuple[str, str, Family], list[ExpectedPeer]] = defaultdict(list)
        for node, peers in self.explicit.items():
            for peer in peers:
                if peer.far_node is not None:
                    by_ends[node, peer.far_node, peer.family].append(peer)
        return {key: tuple(peers) for key, peers in by_ends.items()}

    @cached_property
    def neighbours(self) -> dict[str, frozenset[str]]:
        """Node → the nodes with which it has an explicit session that both ends know, in any family."""
        neighbours_of: defaultdict[str, set[str]] = defaultdict(set)
        for near, far, family in self.explicit_ends:
            if (far, near, family) in self.explicit_ends or self.in_mesh(near, far, family):
                neighbours_of[near].add(far)
                neighbours_of[far].add(near)
        return {node.name: frozenset(neighbours_of.get(node.name, ())) for node in self.resources.nodes}

    @cached_property
    def with_externals(self) -> frozenset[str]:
        """The nodes with a peer that is no node, behind which we do not see."""
        return frozenset(node for node, peers in self.explicit.items() if any(p.far_node is None for p in peers))

    @cached_property
    def global_keys(self) -> dict[EntryKey, str]:
        """Address and port of every global peer → the name of the first BGPPeer that makes it."""
        peer_of_key: dict[EntryKey, str] = {}
        for selected in self.expectation.selected:
            if selected.peer.is_global:
                for entry in selected.forward:
                    peer_of_key.setdefault(entry.key, selected.peer.name)
        return peer_of_key

    @cached_property
    def label_values(self) -> dict[str, Counter[str]]:
        """Label → how many nodes have it with which value."""
        values_of: defaultdict[str, Counter[str]] = defaultdict(Counter)
        for node in self.resources.nodes:
            for key, value in node.labels:
                values_of[key][value] += 1
        return dict(values_of)

    @cached_property
    def _selectors(self) -> dict[str, Selector | SelectorSyntaxError]:
        return {}

    @cached_property
    def _matched(self) -> dict[str, tuple[str, ...]]:
        return {}

    def parsed(self, text: str) -> Selector | SelectorSyntaxError:
        """A selector, or why it is none."""
        if text not in self._selectors:
            try:
                self._selectors[text] = parse_selector(text)
            except SelectorSyntaxError as error:
                self._selectors[text] = error
        return self._selectors[text]

    def matched(self, text: str) -> tuple[str, ...] | None:
        """The names of the nodes that a selector matches, sorted; None when it does not parse."""
        selector = self.parsed(text)
        if isinstance(selector, SelectorSyntaxError):
            return None
        if text not in self._matched:
            speakers = self.speakers.values()
            self._matched[text] = tuple(s.name for s in speakers if matches(selector, s.labels))
        return self._matched[text]

    def labels_in(self, text: str) -> tuple[str, ...]:
        """The labels that a selector asks for, sorted; none when it does not parse."""
        selector = self.parsed(text)
        return () if isinstance(selector, SelectorSyntaxError) else tuple(sorted(labels_of(selector)))

    def labels_wanted_in(self, text: str) -> tuple[str, ...]:
        """The labels that a node matches a selector by having, sorted; none when it does not parse."""
        selector = self.parsed(text)
        return () if isinstance(selector, SelectorSyntaxError) else tuple(sorted(wanted_labels(selector)))

    @cached_property
    def is_part(self) -> bool:
        """Whether the Nodes are visibly not all of the cluster: only its reflectors, and BGPPeers for others."""
        nodes = self.resources.nodes
        others = any(
            p.node_selector is not None and self.matched(p.node_selector) == () for p in self.resources.bgp_peers
        )
        return bool(nodes) and others and all(node.cluster_id for node in nodes)

    @cached_property
    def spoiled_peers(self) -> frozenset[str]:
        """The BGPPeers to which a YAML tag leaves another selector than the one that is written there."""
        return frozenset(
            peer.name
            for peer in self.resources.bgp_peers
            if any(tag.path in {"spec.nodeSelector", "spec.peerSelector"} and tag.value.strip() for tag in peer.tags)
        )

    @cached_property
    def needs_bgp(self) -> bool:
        """Whether pods may depend on BGP: not where every enabled IPPool is VXLAN, whose routes Felix programs."""
        pools = [pool for pool in self.resources.ip_pools if not pool.disabled]
        return not pools or any(pool.vxlan_mode not in {"Always", "CrossSubnet"} for pool in pools)

    @cached_property
    def broken_peers(self) -> frozenset[str]:
        """The BGPPeers of which a selector or an address makes something else than is meant; another rule says so."""
        skipped = {skipped_peer.bgp_peer for skipped_peer in self.expectation.skipped}
        return frozenset(
            peer.name
            for peer in self.resources.bgp_peers
            if peer.name in skipped | self.spoiled_peers
            or any(text is not None and not self.matched(text) for text in (peer.node_selector, peer.peer_selector))
        )

    def near_miss(self, name: str) -> str | None:
        """The node whose name was probably meant."""
        return near_name(name, self.nodes)

    def wanted_value(self, text: str, key: str) -> str:
        """The value that `key == 'value'` in a selector asks for; empty where it asks for another thing."""
        match = re.search(rf"""(?<![\w./-]){re.escape(key)}\s*==\s*(?:'([^']*)'|"([^"]*)")""", text)
        return "" if match is None else match[1] or match[2] or ""

    def in_mesh(self, one: str, other: str, family: Family) -> bool:
        """Whether the mesh joins two nodes."""
        if not self.mesh_enabled:
            return False
        ends = (self.nodes[one], self.nodes[other])
        return all(not node.cluster_id and node.address(family) is not None for node in ends)
