"""Causes in what two ends must agree on: AS numbers, router IDs. Passwords have a file of their own.

`BGP Error` is this end's complaint, `Received` the far end's (BIRD proto/bgp/bgp.c bgp_last_errmsg).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

from calico_bgp.causes.candidate import Candidate
from calico_bgp.causes.case import Case
from calico_bgp.causes.cause import cause
from calico_bgp.causes.network.silence import by_pair, gone_fars
from calico_bgp.causes.peering.as_groups import two_groups
from calico_bgp.causes.remedies.as_numbers import as_fixes, group_fixes
from calico_bgp.causes.signals import Signal
from calico_bgp.causes.words import rows_of
from calico_bgp.cluster.sessions.session import SessionKey, by_end
from calico_bgp.messages.declared import Words
from calico_bgp.messages.pod_commands import decision
from calico_bgp.messages.words import some
from calico_bgp.model.expected import ExpectedPeer, in_words
from calico_bgp.model.peer import ErrorClass, Family
from calico_bgp.model.reports.cause import Confidence, Decision, Fix, Risk
from calico_bgp.model.reports.subject import NodeSubject, SessionSubject, Subject


@cause(
    "as-mismatch",
    title="Two ends do not agree on an AS number",
    what="AS numbers disagree",
    messages={
        "groups": "{few} and {many} expect other AS numbers of each other than they have{contradict:same}",
        "outsider_expects": "{outsiders} {outsiders:expects|expect} another AS number of {nodes} than {nodes:it "
        "has|they have}{own:same}",
        "outsider_has": "{outsiders} {outsiders:has|have} another AS number than {nodes} {nodes:expects|expect} of it",
        "unlike_node": "BGPPeer {peer} says AS {said:same} of {node}, which has AS {real:same}",
        "pair": "{one} expects another AS number of {other} than it has{contradict:same}",
        "refused": "{node} {node:has|have} another AS number than {node:its|their} {peers:count peer} "
        "{peers:expects|expect} of it{contradict:same}",
        "refuses": "{node} {node:expects|expect} another AS number of {node:its|their} {peers:count peer} than "
        "{peers:it has|they "
        "have}{contradict:same}",
        "mutual": "{node} and its {peers:count peer} expect other AS numbers of each other than they "
        "have{contradict:same}",
    },
    meaning="`Bad peer AS` (RFC 4271, 6.2). `BGP Error` is this end's complaint, `Received` the far end's: who "
    "complains expects another AS than the far end sends.",
    evidence="Calico's resources where they contradict each other: certain. The rows alone: likely.",
    look_alikes="A BIRD that runs an old configuration: then the resources agree.",
    mending="The asNumber of the node, of the BGPPeer, or of the BGPConfiguration; every way is tried in the model.",
    demos=("wrong-as:node5,node1", "wrong-as"),
)
def as_mismatch(case: Case) -> Iterator[Candidate]:
    """Sessions that end with `Bad peer AS`: one node with an AS that nobody expects, two groups, or two nodes."""
    at_odds = {key for key in case.cluster.judged.bad if Signal.BAD_AS in case.signals[key].both}
    outside = {key for key in at_odds if _outsider(case, key) is not None}
    at_odds -= outside
    yield from _with_outsiders(case, outside)
    for family in (None, *Family):
        for name, star in _stars(case, {key for key in at_odds if family in {None, key.family}}, family):
            at_odds -= star
            yield _as_candidate(case, (NodeSubject(node=name, family=family),), star, name)
    for few, many, keys in list(two_groups(at_odds)):
        at_odds -= keys
        yield _between_groups(case, few, many, keys)
    for keys in by_pair(at_odds).values():
        subjects = tuple(SessionSubject.between(key.a, key.b, key.family) for key in sorted(keys))
        yield _as_candidate(case, subjects, keys, None)


def _between_groups(case: Case, few: tuple[str, ...], many: tuple[str, ...], keys: frozenset[SessionKey]) -> Candidate:
    """The groups do not agree; no single node or session is at fault."""
    single = _as_candidate(case, tuple(NodeSubject(node=name) for name in few), keys, None)
    contradict = _contradiction(case, keys)
    fixes = group_fixes(case, few, many) if contradict else ()
    return replace(
        single,
        title=Words("groups", few=few, many=many, contradict=contradict and f" ({contradict})"),
        fixes=fixes or single.fixes if contradict else _without_resources(case, few[0], agree=False),
    )


def _outsider(case: Case, key: SessionKey) -> str | None:
    """The end that is no node of the cluster, such as a top-of-rack switch."""
    return next((name for name in (key.a, key.b) if case.member(name) is None), None)


def _with_outsiders(case: Case, keys: Collection[SessionKey]) -> Iterator[Candidate]:
    """One per outside devices that are alike: the same end refuses the other, at the same nodes."""
    by_complaint: dict[tuple[str, bool], set[SessionKey]] = defaultdict(set)
    for key in keys:
        outsider = _outsider(case, key) or ""
        by_complaint[outsider, _who_complains(case, key)[0] == outsider].add(key)
    alike: dict[tuple[bool, tuple[str, ...]], dict[str, set[SessionKey]]] = defaultdict(dict)
    for (outsider, complains), refused in sorted(by_complaint.items()):
        nodes = tuple(sorted({key.far(outsider) for key in refused}))
        alike[complains, nodes][outsider] = refused
    for (complains, nodes), by_outsider in sorted(alike.items()):
        yield _with_alike_outsiders(case, nodes, by_outsider, outsiders_refuse=complains)


def _with_alike_outsiders(
    case: Case, nodes: tuple[str, ...], by_outsider: Mapping[str, set[SessionKey]], *, outsiders_refuse: bool
) -> Candidate:
    """No command of the cluster fixes these devices.

    Args:
        case: What is known.
        nodes: The ends in the cluster.
        by_outsider: Device → its sessions with them.
        outsiders_refuse: Whether the devices refuse the nodes' OPEN, or the nodes theirs.
    """
    keys = frozenset[SessionKey]().union(*by_outsider.values())
    outsiders, first = sorted(by_outsider), min(by_outsider)
    many = len(outsiders) > 1
    refusing = outsiders if outsiders_refuse else nodes
    key = min(by_outsider[first])
    return Candidate(
        kind="as-mismatch",
        subjects=tuple(SessionSubject.between(each.a, each.b, each.family) for each in sorted(keys)),
        title=Words("outsider_expects", outsiders=outsiders, nodes=nodes, own=_own_as(case, nodes))
        if outsiders_refuse
        else Words("outsider_has", outsiders=outsiders, nodes=nodes),
        explanation=f"{some(refusing)} {'refuse' if len(refusing) > 1 else 'refuses'} the OPEN of the other end "
        f"(RFC 4271, 6.2, Bad Peer AS). {some(outsiders)} {'are' if many else 'is'} no node that is known here: "
        "which end is wrong the device's own configuration tells.",
        confidence=Confidence.LIKELY,
        explains=case.explained_by(keys),
        evidence=(
            *dict.fromkeys(line for each in sorted(keys) for line in _configured(case, each)),
            *rows_of(case, keys),
        ),
        keys=keys,
        decide=(_expected_as(case, key, first),),
        fixes=(
            Fix(
                label="set AS number",
                summary=f"let {some(outsiders)} and the BGPPeer agree: its asNumber is the AS of {some(outsiders)}, "
                f"and {some(outsiders)} {'expect' if many else 'expects'} the AS of the node{_own_as(case, nodes)}, "
                "which its Node or the BGPConfiguration default sets by asNumber",
                risk=Risk.RESTARTS_SESSIONS,
            ),
        ),
    )


def _expected_as(case: Case, key: SessionKey, outsider: str) -> Decision:
    node = key.far(outsider)
    return decision(
        case.pods.birdcl(node, key.family, "show protocols all"),
        None,
        (f"Neighbor AS of {outsider}", f"what {node} expects of it; compare with the device's own AS"),
    )


def _own_as(case: Case, nodes: Collection[str]) -> str:
    """` (AS 64512)`, where the resources give all these nodes one AS; where one is unknown, if all nodes have one."""
    configured = case.configured
    if configured is None or case.resources is None:
        return ""
    node_names = {node for node, name in case.cluster.names_by_node.items() if name in nodes}
    speakers = node_names if len(node_names) == len(nodes) else configured.speakers.keys()
    numbers = {configured.speakers[name].local_as for name in speakers if name in configured.speakers}
    return f" (AS {numbers.pop()})" if len(numbers) == 1 else ""


def _stars(case: Case, keys: Collection[SessionKey], family: Family | None) -> list[tuple[str, frozenset[SessionKey]]]:
    """Nodes at odds with two or more peers, and with all nodes that they peer with: the node's own AS is wrong.

    With a family only sessions of that family count as up.
    """
    keys_of = by_end(keys)
    stars = []
    open_keys = set(keys)
    for name in sorted(keys_of, key=lambda name: (-len(keys_of[name]), name)):
        own_keys = keys_of[name] & open_keys
        up = case.joined_keys(name, family)
        if len({key.far(name) for key in own_keys} | (gone_fars(case, name) if own_keys else set())) > 1 and not up:
            stars.append((name, own_keys))
            open_keys -= own_keys
    return stars


def _as_candidate(
    case: Case, subjects: tuple[Subject, ...], keys: frozenset[SessionKey], node: str | None
) -> Candidate:
    key = min(keys)
    complains, about = _who_complains(case, key)
    peers = {peer.node: peer for each in sorted(keys) for peer in case.cluster.expected_peers.get(each, ())}
    configured = tuple(dict.fromkeys(line for each in sorted(keys) for line in _configured(case, each)))
    contradict = _contradiction(case, keys)
    doubt = contradict and f" ({contradict})"
    title = (
        _whole_node(
            node, len({each.far(node) for each in keys}), {_who_complains(case, each)[0] for each in keys}, doubt
        )
        if node is not None
        else Words("pair", one=complains, other=about, contradict=doubt)
    )
    fixes = as_fixes(case, node, keys) if contradict else ()
    return Candidate(
        kind="as-mismatch",
        subjects=subjects,
        title=title,
        explanation=f"{complains} refuses the OPEN of {about} (RFC 4271, 6.2, Bad Peer AS): the AS that {about} "
        f"sends is not the one configured for it on {complains}. "
        + (
            "Calico's resources contradict each other."
            if contradict
            else "By Calico's resources both agree, so one BIRD runs something else than they say."
            if peers
            else "Which of the two is wrong the configured values tell."
        ),
        confidence=Confidence.CERTAIN if contradict else Confidence.LIKELY,
        explains=case.explained_by(keys) | _linted(case, keys),
        evidence=(*configured[:4], *rows_of(case, keys)),
        keys=keys,
        decide=() if contradict else (_configured_as(case, key, complains),),
        fixes=fixes or _without_resources(case, node or complains, agree=bool(peers) and not contradict),
    )


def _whole_node(node: str, peers: int, complaining: Collection[str], contradict: str | None) -> Words:
    """Whether the node refuses its peers or they refuse it."""
    mutual = len(complaining) > 1
    if node not in complaining:
        return Words("refused", node=node, peers=peers, contradict=contradict)
    return Words("mutual" if mutual else "refuses", node=node, peers=peers, contradict=contradict)


def _without_resources(case: Case, node: str, *, agree: bool) -> tuple[Fix, ...]:
    """The fix where no change of the resources fixes it."""
    if agree:
        return (
            case.pods.restart(node, f"restart calico-node on {node}, so that its BIRD runs what the resources say"),
        )
    summary = "give both ends the AS that is meant: asNumber of the node, of its BGPPeer, or of the BGPConfiguration"
    return (Fix(label="set AS number", summary=summary, risk=Risk.RESTARTS_SESSIONS),)


def _who_complains(case: Case, key: SessionKey) -> tuple[str, str]:
    """Who rejected whom."""
    for end in case.cluster.session(*key).ends:
        for row in end.rows:
            if row.error is not None and row.error.message == "Bad peer AS":
                far = key.far(end.name)
                return (end.name, far) if row.error.error_class == ErrorClass.BGP else (far, end.name)
    return key.a, key.b


def _configured(case: Case, key: SessionKey) -> Iterator[str]:
    for peer in case.cluster.expected_peers.get(key, ()):
        yield (
            f"by the resources {peer.node} is AS {peer.local_as} and expects AS {peer.peer_as} of "
            f"{peer.far_node or peer.address} ({in_words(peer.because)})"
        )


def _contradiction(case: Case, keys: Collection[SessionKey]) -> str | None:
    """What the resources say that cannot both be true; None where they agree, or say nothing."""
    for key in sorted(keys):
        peers = case.cluster.expected_peers.get(key, ())
        for one, other in _ends(peers):
            if one.peer_as != other.local_as:
                return f"{one.node} expects {one.peer_as}, {other.node} has {other.local_as}"
    return None


def _ends(peers: tuple[ExpectedPeer, ...]) -> Iterator[tuple[ExpectedPeer, ExpectedPeer]]:
    for one in peers:
        for other in peers:
            if one.node != other.node:
                yield one, other


def _linted(case: Case, keys: Collection[SessionKey]) -> frozenset[str]:
    """What the lint says of the same AS numbers."""
    makers = {maker for key in keys for maker in case.asked_for_by(key)}
    mismatches = (case.of_resource(maker, "as-number-mismatch") for maker in makers)
    return case.ids("own-as-in-mesh").union(*mismatches)


def _configured_as(case: Case, key: SessionKey, complains: str) -> Decision:
    return decision(
        case.pods.birdcl(complains, key.family, "show protocols all"),
        None,
        (f"Neighbor AS of {key.far(complains)}", f"what {complains} expects; compare with asNumber of that node"),
    )
