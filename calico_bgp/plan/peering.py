"""The BGPPeers between reflectors and the other nodes: those that are there, and those that a plan adds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from hashlib import sha256

from calico_bgp.errors import ChangeError, SelectorSyntaxError
from calico_bgp.expect.engine import Expectation
from calico_bgp.model.peer import Family
from calico_bgp.model.resources import BGPPeer, CalicoNode
from calico_bgp.selector.evaluate import matches
from calico_bgp.selector.parser import parse_selector
from calico_bgp.selector.tree import Test, TestKind

#: Labels for the reflectors, the first that no other node has.
LABELS = ("route-reflector", "calico-route-reflector", "bgp-route-reflector")
#: Kubernetes takes no longer name.
_LONGEST_NAME = 253


def peering_of(expectation: Expectation, new_reflectors: Sequence[str]) -> tuple[BGPPeer | None, tuple[str, str]]:
    """A BGPPeer between the reflectors that there are and all other nodes, and the label that it asks for."""
    nodes = expectation.resources.nodes
    reflectors = {node.name for node in nodes if node.cluster_id is not None}
    others = {node.name for node in nodes} - reflectors
    for selected in expectation.selected:
        peer, test = selected.peer, label_test(selected.peer.peer_selector)
        if test is None or selected.workload or peer.reverse_peering == "Manual":
            continue
        far = set(selected.far)
        if far == reflectors and others - far <= set(selected.near):
            return peer, (test.label, test.values[0] if test.values else "true")
    labels_in_use = {key for node in nodes if node.name not in new_reflectors for key, _ in node.labels}
    key = next((label for label in LABELS if label not in labels_in_use), None)
    if key is None:
        raise ChangeError(f"nodes that are to be no reflectors have the labels {', '.join(LABELS)}; take one away")
    return None, (key, "true")


def label_test(selector: str | None) -> Test | None:
    """`has(k)` or `k == 'v'`, which a label on a node makes true."""
    if selector is None:
        return None
    try:
        steps = parse_selector(selector).steps
    except SelectorSyntaxError:
        return None
    step = steps[0]
    if len(steps) == 1 and isinstance(step, Test) and step.kind in {TestKind.HAS, TestKind.EQUALS}:
        return step
    return None


def by_label(name: str, key: str, *, near: bool) -> BGPPeer:
    """Between nodes with the label and the others, or (`near`) those with it."""
    return BGPPeer(name=name, node_selector=f"{'' if near else '!'}has({key})", peer_selector=f"has({key})")


def spares_reflectors(peer: BGPPeer, key: str, value: str) -> bool:
    """Whether a BGPPeer does not apply to nodes with the label."""
    if peer.node_selector is None:
        return peer.node is not None
    return not matches(parse_selector(peer.node_selector), {key: value})


def sparing(peer: BGPPeer) -> BGPPeer:
    """The same BGPPeer, but for nodes that its peerSelector does not match."""
    return replace(peer, node=None, node_selector=f"!({peer.peer_selector})", tags=(), lines=())


def _spec(peer: BGPPeer) -> BGPPeer:
    """All but its name and where it stands."""
    return replace(peer, name="", lines=(), tags=(), place=BGPPeer(name="").place, api_version="", by_hand=False)


def _fitting(name: str) -> str:
    if len(name) <= _LONGEST_NAME:
        return name
    return f"route-reflector-{sha256(name.encode()).hexdigest()[:16]}"


def _variants(name: str) -> Iterator[str]:
    yield name
    for number in range(2, 10_000):
        yield f"{name[: _LONGEST_NAME - 6]}-{number}"


def to_address(node: CalicoNode, later: CalicoNode, as_number: int, like: BGPPeer | None) -> Iterator[BGPPeer]:
    """From one reflector to the address of another, of each family that both have.

    Args:
        node: The near end.
        later: The far end.
        as_number: Its AS.
        like: The BGPPeer whose peers these must equal in all that BIRD compares.
    """
    like = like or BGPPeer(name="")
    for family in Family:
        address = later.address(family)
        if address is not None and node.address(family) is not None:
            suffix = "" if family is Family.IPV4 else "-ipv6"
            yield BGPPeer(
                name=_fitting(f"{node.name}-to-{later.name}{suffix}"),
                node=node.name,
                peer_ip=str(address),
                as_number=as_number,
                source_address=like.source_address,
                max_restart_time=like.max_restart_time,
                ttl_security=like.ttl_security,
                next_hop_mode=like.next_hop_mode,
                keep_original_next_hop=like.keep_original_next_hop,
                filters=like.filters,
            )


def missing(needed: Sequence[BGPPeer], there: Sequence[BGPPeer]) -> list[BGPPeer]:
    """Those that have no like among those that are there, under names that are free."""
    names = {peer.name for peer in there}
    likes = {_spec(peer) for peer in there}
    lacking = []
    for peer in needed:
        if _spec(peer) not in likes:
            name = next(name for name in _variants(peer.name) if name not in names)
            names.add(name)
            lacking.append(replace(peer, name=name))
    return lacking
