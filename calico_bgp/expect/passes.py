"""The three passes over the BGPPeers, and which entry wins a key (confd client.go updatePeersV1). No protocols yet."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from calico_bgp.expect.bgp_peers import Selected
from calico_bgp.expect.entry import Entry, EntryKey, Settings
from calico_bgp.expect.speakers import Speaker
from calico_bgp.expect.trouble import Conflict
from calico_bgp.model.expected import Because, PeerPass

#: The fields of Settings in Calico's words; those of `rest` in its order.
_FIELD_WORDS = {
    "peer_as": "AS number",
    "cluster_id": "routeReflectorClusterID",
    "is_calico_node": "peerIP",
    "local_as": "localASNumber",
    "allowed_local_as": "numAllowedLocalASNumbers",
    "next_hop_mode": "nextHopMode",
    "keep_next_hop": "keepOriginalNextHop",
}
_REST_WORDS = ("password", "maxRestartTime", "ttlSecurity", "sourceAddress", "filters", "reachableBy")


class Winner(NamedTuple):
    """The entry that a key gets, and the resources that say so."""

    entry: Entry
    because: tuple[Because, ...]


class Passes:
    """The entries of every node, in confd's order of precedence.

    Global entries are worked out once, the others node by node, so that the work grows with the number of peers.

    Args:
        selected: What every BGPPeer comes to, sorted by its name: where upstream's order is undetermined, ours is not.
    """

    def __init__(self, selected: Sequence[Selected]) -> None:
        self.conflicts: list[Conflict] = []
        self._merged: dict[tuple[tuple[Because, ...], tuple[Because, ...]], tuple[Because, ...]] = {}
        self._near: dict[str, list[tuple[Selected, tuple[Because, ...]]]] = defaultdict(list)
        self._far: dict[str, list[tuple[Selected, tuple[Because, ...]]]] = defaultdict(list)
        self.global_entries: dict[EntryKey, Winner] = {}
        for chosen in selected:
            name = chosen.peer.name
            if chosen.peer.is_global:
                because = (Because("BGPPeer", name, PeerPass.GLOBAL),)
                self._emit(self.global_entries, chosen.forward, because, None, PeerPass.GLOBAL)
            else:
                chosen_because = (chosen, (Because("BGPPeer", name, PeerPass.NODE),))
                for near in chosen.near:
                    self._near[near].append(chosen_because)
            chosen_because = (chosen, (Because("BGPPeer", name, PeerPass.REVERSE),))
            for far in chosen.far:
                self._far[far].append(chosen_because)

    def node_entries(self, speaker: Speaker) -> dict[EntryKey, Winner]:
        """The node-specific entries of a node: its own BGPPeers', then those that reverse peering adds.

        Its own address is left out, and so are families of which it has no address.
        """
        node, texts = speaker.name, speaker.texts
        winners: dict[EntryKey, Winner] = {}
        for made_by, of_node in ((PeerPass.NODE, self._near), (PeerPass.REVERSE, self._far)):
            keys_in_use = self.global_entries.keys() | winners.keys()
            for chosen, because in of_node.get(node, ()):
                ends = chosen.forward if made_by is PeerPass.NODE else chosen.backward
                fitting = [
                    end
                    for end in ends
                    if end.key not in keys_in_use and end.family in texts and end.key[0] != texts[end.family]
                ]
                self._emit(winners, fitting, because, node, made_by)
        return winners

    def _emit(
        self,
        winners: dict[EntryKey, Winner],
        entries: Iterable[Entry],
        because: tuple[Because, ...],
        node: str | None,
        made_by: PeerPass,
    ) -> None:
        """Add entries; the first one for a key wins, and one that differs within the pass is a conflict."""
        for entry in entries:
            first = winners.get(entry.key)
            if first is None:
                winners[entry.key] = Winner(entry, because)
                continue
            winners[entry.key] = Winner(first.entry, self._merge(first.because, because))
            if entry.settings != first.entry.settings:
                self._conflict(first, entry, because, node, made_by)

    def _merge(self, one: tuple[Because, ...], other: tuple[Because, ...]) -> tuple[Because, ...]:
        merged = self._merged.get((one, other))
        if merged is None:
            merged = self._merged[one, other] = tuple(dict.fromkeys((*one, *other)))
        return merged

    def _conflict(
        self, first: Winner, entry: Entry, because: tuple[Because, ...], node: str | None, made_by: PeerPass
    ) -> None:
        names = tuple(sorted({source.name for source in (*first.because, *because)}))
        fields = _differing(first.entry.settings, entry.settings)
        self.conflicts.append(Conflict(node, entry.family, entry.address, entry.key[1], made_by, names, fields))


def _differing(one: Settings, other: Settings) -> tuple[str, ...]:
    """What differs between two settings, in Calico's words."""
    words = {_FIELD_WORDS[f] for f in _FIELD_WORDS if getattr(one, f) != getattr(other, f)}
    words |= {word for word, a, b in zip(_REST_WORDS, one.rest, other.rest, strict=True) if a != b}
    return tuple(sorted(words))
