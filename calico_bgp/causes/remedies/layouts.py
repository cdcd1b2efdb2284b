"""What fixes how nodes and reflectors are joined: a nodeSelector, labels, a BGPPeer among reflectors, cluster IDs.

Each way is tried in the model. Of several the first one is taken that brings nearly as much back as any.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from difflib import get_close_matches

from calico_bgp.causes.case import Case
from calico_bgp.causes.remedies.labels import label_only_of, labels_that_match
from calico_bgp.causes.remedies.remedy import Remedy, Step
from calico_bgp.causes.remedies.trial import helping, tried
from calico_bgp.changes.change import ApplyResources, SetClusterID, SetFields, SetLabel
from calico_bgp.expect.configured import Configured
from calico_bgp.messages.words import plural, some
from calico_bgp.model.reports.cause import Fix
from calico_bgp.model.resources import BGPPeer, ResourceKind, Resources

#: A way that restores this part of what the best one restores counts as equal; of equal ones the first is taken.
_NEARLY = 0.8
#: The label of Calico's documentation for route reflectors.
_NEW_LABEL = "route-reflector"
_NEW_PEER = "reflectors-among-themselves"
_SERVING_PEER = "peer-with-route-reflectors"
_MOST_LABELLED = 20
_DIGITS = re.compile(r"\d+")


def _best(case: Case, ways: Iterable[Remedy]) -> tuple[Fix, ...]:
    """The first way, in their order, that restores nearly as much as any; none where none helps."""
    good = [fix for way in ways if (fix := tried(case, way)) is not None]
    most = max((fix.restores or 0 for fix in good), default=0)
    return tuple(fix for fix in good if (fix.restores or 0) >= _NEARLY * most)[:1]


def mend_node_selector(case: Case, peer: BGPPeer, outside: Sequence[str] = ()) -> tuple[Fix, ...]:
    """Let a BGPPeer select the nodes that it means: by the label that was probably meant, else all of them.

    Args:
        case: The case.
        peer: The BGPPeer.
        outside: The nodes that it leaves out. A value that no node has may stand for one that they have.
    """
    configured, node_selector = case.configured, peer.node_selector
    assert configured is not None
    assert node_selector is not None
    return _best(
        case,
        (
            Remedy(
                f"let BGPPeer {peer.name} select the nodes that it means: nodeSelector {selector}",
                (
                    Step(
                        SetFields(ResourceKind.BGP_PEER, peer.name, (("node_selector", selector),)),
                        f"write nodeSelector {selector} into BGPPeer {peer.name}",
                    ),
                ),
            )
            for selector in _likely_selectors(configured, node_selector, outside)
        ),
    )


def mend_far_value(case: Case, peer: BGPPeer) -> tuple[Fix, ...]:
    """Let a BGPPeer's peerSelector ask for a label or a value that reflectors have and that is written nearly so."""
    configured, peer_selector = case.configured, peer.peer_selector
    assert configured is not None
    assert peer_selector is not None
    reflectors = set(configured.reflectors)
    return _best(
        case,
        (
            Remedy(
                f"let BGPPeer {peer.name} select the reflectors that it means: peerSelector {selector}",
                (
                    Step(
                        SetFields(ResourceKind.BGP_PEER, peer.name, (("peer_selector", selector),)),
                        f"write peerSelector {selector} into BGPPeer {peer.name}",
                    ),
                ),
            )
            for selector in _near_selectors(configured, peer_selector, ())
            if (found := configured.matched(selector)) and reflectors.issuperset(found)
        ),
    )


def _likely_selectors(configured: Configured, text: str, left: Sequence[str]) -> Iterator[str]:
    """What was probably meant: what is written nearly so; then every node."""
    yield from _near_selectors(configured, text, left)
    yield f"!({text})"
    yield "all()"


def _near_selectors(configured: Configured, text: str, left: Sequence[str]) -> Iterator[str]:
    """The selector with a label or a value that nodes have in the place of one that is written nearly so."""
    for key in configured.labels_in(text):
        if key not in configured.label_values:
            for near in get_close_matches(key, configured.label_values, n=2, cutoff=0.6):
                yield text.replace(key, near)
            continue
        wanted = configured.wanted_value(text, key)
        likely = get_close_matches(wanted, [v for v in configured.label_values[key] if v], n=2, cutoff=0.6)
        if wanted not in configured.label_values[key]:
            likely += [value for name in left if (value := configured.nodes[name].label(key))]
        for near in dict.fromkeys(likely):
            if near != wanted:
                yield _with_value(text, wanted, near)


def _with_value(selector: str, old: str, new: str) -> str:
    return selector.replace(f"'{old}'", f"'{new}'").replace(f'"{old}"', f'"{new}"')


def serve_like(case: Case, peers: Iterable[BGPPeer], outside: Sequence[str]) -> tuple[BGPPeer, tuple[Fix, ...]] | None:
    """A BGPPeer for nodes that have none, made after one that joins the nodes of another rack with its reflectors.

    Returns:
        The one it was made after, and how to make it; None where no label of the nodes leads to reflectors.
    """
    configured = case.configured
    assert configured is not None
    for peer in peers:
        near, far = peer.node_selector or "", peer.peer_selector or ""
        for key in configured.labels_in(near):
            old_value = configured.wanted_value(near, key)
            values = {configured.nodes[name].label(key) for name in outside}
            value = values.pop() if len(values) == 1 else None
            if not value or configured.wanted_value(far, key) != old_value:
                continue
            new_peer = BGPPeer(
                name=f"{peer.name}-{re.sub('[^a-z0-9]+', '-', value.lower()).strip('-')}",
                node_selector=_with_value(near, old_value, value),
                peer_selector=_with_value(far, old_value, value),
            )
            if new_peer.name in configured.peers_by_name:
                continue
            remedy = Remedy(f"make a BGPPeer for {some(list(outside))}, like {peer.name}", (_create(new_peer),))
            if fixes := helping(case, remedy):
                return peer, fixes
    return None


def serve_all(case: Case) -> tuple[Fix, ...]:
    """The first BGPPeer: it joins all nodes with the route reflectors, where these have their cluster IDs still."""
    configured = case.configured
    assert configured is not None
    reflectors = frozenset(configured.reflectors)
    selector = label_only_of(configured, reflectors) or _one_of(configured)
    if selector is None:
        return ()
    new_peer = BGPPeer(name=_SERVING_PEER, node_selector="all()", peer_selector=selector)
    summary = f"join all nodes with the nodes that have a cluster ID, {some(sorted(reflectors))}, by a BGPPeer"
    return helping(case, Remedy(summary, (_create(new_peer),)))


def label_nodes(case: Case, names: Sequence[str], peers: Iterable[BGPPeer]) -> tuple[Fix, ...]:
    """Give nodes the label by which a BGPPeer selects the others.

    A value that a node has stays: it says where the node stands, in which rack, and another one would move it there.
    Only what is written nearly so, at this node alone, is a slip.
    """
    configured = case.configured
    assert configured is not None
    if len(names) > _MOST_LABELLED:
        return ()
    ways = []
    for peer in peers:
        labels = {name: labels_that_match(configured, peer.node_selector or "", name) for name in names}
        if any(not own_labels for own_labels in labels.values()):
            continue
        pairs = [(name, key, value) for name, own_labels in labels.items() for key, value in (own_labels or {}).items()]
        if any(not _is_slip(configured, *pair) for pair in pairs):
            continue
        ways.append(
            Remedy(
                f"label {some(list(names))} as nodeSelector {peer.node_selector} of BGPPeer {peer.name} asks",
                tuple(Step(SetLabel(*pair), "give {} the label {}={}".format(*pair)) for pair in pairs),
            )
        )
    return _best(case, ways)


def _is_slip(configured: Configured, name: str, key: str, asked_value: str) -> bool:
    """Whether a node lacks a label, or has something else there that nobody meant: rack1 is none for rack2."""
    own = configured.nodes[name].label(key)
    if not own:
        return True
    bare = _DIGITS.sub("", own) == _DIGITS.sub("", asked_value)
    return configured.label_values[key][own] == 1 and not bare and bool(get_close_matches(own, [asked_value]))


def join_reflectors(case: Case, groups: Sequence[frozenset[str]]) -> tuple[Fix, ...]:
    """Let the reflectors of groups of clients pass routes to each other: a BGPPeer among them, or IDs that differ.

    A reflector drops what carries its own cluster ID (RFC 4456, section 8), so joining those of equal IDs alone helps
    nobody: the IDs come first then.
    """
    configured = case.configured
    assert configured is not None
    peer = _among(configured)
    ids = _other_ids(configured, groups)
    join = _labelled(configured) if peer is None else (_create(peer),)
    ids_text = f"give the reflectors of different clients cluster IDs of their own ({len(ids)} change{plural(ids)})"
    join_text = "let the reflectors peer with each other"
    ways = [
        Remedy(join_text, join),
        Remedy(ids_text, ids),
        Remedy(f"{ids_text}, and {join_text}", (*ids, *join)),
    ]
    return _best(case, ways)


def own_ids(case: Case, groups: Sequence[frozenset[str]]) -> tuple[Fix, ...]:
    """Give reflectors that peer with each other, and share an ID, one for each group."""
    assert case.configured is not None
    ids = _other_ids(case.configured, groups)
    summary = f"give the reflectors of different levels cluster IDs of their own ({len(ids)} change{plural(ids)})"
    return helping(case, Remedy(summary, ids))


def _among(configured: Configured) -> BGPPeer | None:
    """A BGPPeer that joins all reflectors, and nobody else, with each other; None where no label tells them."""
    selector = label_only_of(configured, frozenset(configured.reflectors)) or _one_of(configured)
    if selector is None or _NEW_PEER in configured.peers_by_name:
        return None
    return BGPPeer(name=_NEW_PEER, node_selector=selector, peer_selector=selector)


def _labelled(configured: Configured) -> tuple[Step, ...]:
    """Label the reflectors, and join those that have the label; only where BGPPeers know all nodes by addresses."""
    by_labels = any(peer.peer_selector is not None for peer in configured.resources.bgp_peers)
    if by_labels or _NEW_LABEL in configured.label_values or _NEW_PEER in configured.peers_by_name:
        return ()
    steps = [
        Step(SetLabel(name, _NEW_LABEL, "true"), f"label the route reflector {name}") for name in configured.reflectors
    ]
    selector = f"has({_NEW_LABEL})"
    return (*steps, _create(BGPPeer(name=_NEW_PEER, node_selector=selector, peer_selector=selector)))


def _one_of(configured: Configured) -> str | None:
    """`label in {...}` by a label whose values the reflectors share with no other node."""
    for key in sorted(configured.label_values, key=lambda one: ("reflector" not in one, "hostname" not in one, one)):
        values = {configured.nodes[name].label(key) for name in configured.reflectors}
        others = {node.label(key) for node in configured.resources.nodes if node.name not in configured.reflectors}
        if None not in values and not values & others:
            listed = ", ".join(f"'{value}'" for value in sorted(map(str, values)))
            return f"{key} in {{{listed}}}" if not any("'" in str(value) for value in values) else None
    return None


def _other_ids(configured: Configured, groups: Sequence[frozenset[str]]) -> tuple[Step, ...]:
    """A new ID for the reflectors of each group whose ID a larger one has: so the fewest nodes change."""
    used = {node.cluster_id for node in configured.resources.nodes}
    free = (text for number in range(1, 255) if (text := f"244.0.0.{number}") not in used)
    taken_ids: set[str | None] = set()
    changed: list[tuple[str, str]] = []
    done: set[str] = set()
    for group in sorted(groups, key=lambda names: (-len(names), sorted(names))):
        undone = group - done
        ids = {configured.nodes[name].cluster_id for name in undone}
        if ids & taken_ids and (new := next(free, None)) is not None:
            changed += [(name, new) for name in sorted(undone) if configured.nodes[name].cluster_id in taken_ids]
        taken_ids |= ids
        done |= group
    return tuple(
        Step(SetClusterID(name, new), f"give {name} the cluster ID {new}, which no node has") for name, new in changed
    )


def _create(peer: BGPPeer) -> Step:
    """Make a BGPPeer."""
    return Step(
        ApplyResources(Resources(bgp_peers=(peer,)), peer.name),
        f"make BGPPeer {peer.name}: {peer.node_selector} with {peer.peer_selector}",
    )
