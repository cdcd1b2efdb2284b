"""TCP MD5 passwords that differ: the kernel drops what is not signed right without a word (RFC 2385).

So both ends see silence and say no error; only the kernel's log has it. The resources tell where only one end has a
password; `Other configuration change` tells who took a new one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping

from calico_bgp.causes.candidate import Candidate
from calico_bgp.causes.case import Case
from calico_bgp.causes.cause import cause
from calico_bgp.causes.network.silence import by_pair, silent_keys
from calico_bgp.causes.nodes.young import young_keys
from calico_bgp.causes.peering.as_groups import two_groups
from calico_bgp.causes.peering.password_facts import (
    Halves,
    Maker,
    halves,
    has_peer_of_both,
    kernel_log,
    makers_of,
    makers_with,
    one_sided,
    passworded_keys,
    reconfigured_keys,
    secret_makers,
)
from calico_bgp.causes.remedies.passwords import SAME_EVERYWHERE, name_the_secret, read_the_secret
from calico_bgp.causes.signals import Signal
from calico_bgp.causes.words import rows_about, rows_of
from calico_bgp.cluster.sessions.session import SessionKey, by_end
from calico_bgp.messages.declared import Words
from calico_bgp.messages.words import some
from calico_bgp.model.reports.cause import Confidence
from calico_bgp.model.reports.subject import NodeSubject, ResourceSubject, SessionSubject

_NEVER_ANSWERED = (
    "Neither end ever had an answer, and neither says an error: that is what a wrong or one-sided password looks like, "
    "for the kernel drops what is not signed right. A firewall that was there from the beginning looks the same."
)
_AFTER_A_CHANGE = (
    "An end took another configuration, as BIRD told the far end (`Other configuration change`), and since then "
    "neither end hears the other. A password that was changed on one side looks so."
)


@cause(
    "password-mismatch",
    title="Two ends have different TCP MD5 passwords",
    what="TCP MD5 passwords differ",
    messages={
        "one_sided": "{one} sets a TCP MD5 password, and {other}, which makes the other end of {sessions:count "
        "session}, sets none",
        "halves": "{nodes} {nodes:has|have} another TCP MD5 password than {others}{lags}",
        "lags": ": a change that did not reach all nodes",
        "of_node": "{node} and its {peers:count peer} do not hear each other: probably it has another TCP MD5 password",
        "pair": "{a} and {b} do not hear each other: probably different TCP MD5 passwords{unsure}",
        "firewall": ", or a firewall",
    },
    meaning="The kernel drops a segment with a wrong signature without a word (RFC 2385), so both ends see silence "
    "and say no error. Only the kernel's log has it.",
    evidence="Two BGPPeers of which one has a password and the other none make the two ends: certain. One end ended "
    "the session for another configuration (`Other configuration change`) and neither hears the other since, or "
    "silence at both ends without any error on a session that has a password in the resources: likely. Without "
    "resources: possible.",
    look_alikes="A firewall that was there from the beginning. `dmesg` tells.",
    mending="One Secret for both ends: in the BGPPeer that names none, or by a restart of the nodes that have an old "
    "one.",
    demos=("wrong-password:node5,node1",),
)
def password_mismatch(case: Case) -> Iterator[Candidate]:
    """Two resources that differ, nodes that did not follow, one node, or one pair; without resources a guess."""
    young = young_keys(case)
    settled: set[SessionKey] = set()
    for makers, keys in one_sided(case).items():
        settled |= keys
        yield _of_resources(case, *makers, keys)
    for half in halves(case, reconfigured_keys(case) - settled - young):
        settled |= half.keys
        if not has_peer_of_both(case, half):
            yield _of_halves(case, half)
    open_keys = set((passworded_keys(case) | reconfigured_keys(case)) - settled)
    for name, keys in _stars(case, open_keys):
        settled |= keys
        yield _of_node(case, name, keys)
    open_keys -= settled
    for few, many, keys in two_groups(open_keys):
        open_keys -= keys
        settled |= keys
        yield _of_halves(case, Halves(few, many, keys))
    for (a, b), keys in by_pair(open_keys).items():
        settled |= keys
        yield _of_pair(case, a, b, keys)
    if case.resources is None:
        for (a, b), keys in by_pair(silent_keys(case) - settled).items():
            signals = case.all_signals(keys)
            if signals <= {Signal.SILENT} and not keys & young:
                yield _of_pair(case, a, b, keys)


def _of_resources(case: Case, having: Maker, lacking: Maker, keys: frozenset[SessionKey]) -> Candidate:
    one, other = f"{having[0]} {having[1]}", f"{lacking[0]} {lacking[1]}"
    return Candidate(
        kind="password-mismatch",
        subjects=tuple(ResourceSubject(resource=kind, name=name) for kind, name in sorted((having, lacking))),
        title=Words("one_sided", one=one, other=other, sessions=len(keys)),
        explanation="The end that has a password drops what is not signed, and the other end drops what is: neither "
        "hears the other, and neither says an error. The nodes themselves are all right.",
        confidence=Confidence.CERTAIN,
        explains=case.explained_by(keys),
        evidence=(f"{one}: spec.password", f"{other}: no password", *rows_of(case, keys)),
        keys=keys,
        fixes=name_the_secret(case, having, lacking),
    )


def _of_halves(case: Case, half: Halves) -> Candidate:
    """Nodes that did not follow a change; a single node with another password than all its peers is at fault itself."""
    stale, fresh = half.stale, half.fresh
    reconfigured = bool(half.keys & reconfigured_keys(case))
    alone = reconfigured and len(fresh) == 1 < len(stale) and not case.joined_keys(fresh[0])
    names, others = (fresh, stale) if alone else (stale, fresh)
    makers = makers_with(case, half.keys)
    # Without resources one side may have a password, and the other none, by two BGPPeers: a restart fixes nothing.
    lags = reconfigured and not alone and case.resources is not None
    why = (
        f"{some(fresh)} took another configuration, as BIRD told the far ends (`Other configuration change`), and "
        "since then neither end hears the other and neither says an error. A password that was changed on one side "
        "looks so."
        if reconfigured
        else "Neither end ever had an answer, and neither says an error, as where signatures do not fit; within each "
        "group all is up."
    )
    return Candidate(
        kind="password-mismatch",
        subjects=tuple(NodeSubject(node=name) for name in names),
        title=Words("halves", nodes=names, others=others, lags=Words("lags") if lags else None),
        explanation=why + _set_by(makers),
        confidence=Confidence.LIKELY if reconfigured or makers else Confidence.POSSIBLE,
        explains=case.explained_by(half.keys),
        evidence=rows_of(case, half.keys),
        keys=half.keys,
        decide=(kernel_log(names[0], some(others)),),
        fixes=read_the_secret(case, stale) if lags else (SAME_EVERYWHERE,),
    )


def _stars(case: Case, keys: Collection[SessionKey]) -> Iterator[tuple[str, frozenset[SessionKey]]]:
    """Nodes with two or more such sessions and none with a node that is up: their own file has another password."""
    stars = {}
    for name, own_keys in sorted(by_end(keys).items()):
        fars = {key.far(name) for key in own_keys}
        if len(fars) > 1 and not case.joined_keys(name) and any(case.joined_keys(far) for far in fars):
            stars[name] = own_keys
    doubted = _of_their_far_ends(case, stars)
    yield from ((name, own_keys) for name, own_keys in stars.items() if name not in doubted)


def _of_their_far_ends(case: Case, stars: Mapping[str, frozenset[SessionKey]]) -> set[str]:
    """Nodes whose common far ends are fewer, and have no session up with that password: these are at fault instead."""
    of_fars: dict[frozenset[str], list[str]] = defaultdict(list)
    for name, keys in stars.items():
        of_fars[frozenset(key.far(name) for key in keys)].append(name)
    not_at_fault: set[str] = set()
    for fars, names in of_fars.items():
        makers = makers_of(case, [key for name in names for key in stars[name]]) & secret_makers(case)
        up = {key for far in fars for key in case.up_keys(far)}
        if len(names) > len(fars) and makers and not makers & makers_of(case, up):
            not_at_fault |= set(names)
    return not_at_fault


def _of_node(case: Case, name: str, keys: frozenset[SessionKey]) -> Candidate:
    return Candidate(
        kind="password-mismatch",
        subjects=(NodeSubject(node=name),),
        title=Words("of_node", node=name, peers=len({key.far(name) for key in keys})),
        explanation="Neither end of any of its sessions says an error, as where signatures do not fit. The others hear "
        "each other, so they have one password; a Secret that was changed and that confd did not follow on one node "
        "looks so." + _set_by(makers_with(case, keys)),
        confidence=Confidence.LIKELY,
        explains=case.explained_by(keys) | case.of_node(name, "isolated-node"),
        evidence=rows_about(case, name, keys),
        keys=keys,
        decide=(kernel_log(name, "its peers"),),
        fixes=read_the_secret(case, (name,)),
    )


def _of_pair(case: Case, a: str, b: str, keys: frozenset[SessionKey]) -> Candidate:
    makers = makers_with(case, keys)
    # A cut link gives the same error once a node has dialled for long enough.
    unsure = any(Signal.TIMED_OUT in case.signals[key].both for key in keys)
    was_changed = bool(keys & reconfigured_keys(case))
    sure = (bool(makers) and not unsure) or was_changed
    return Candidate(
        kind="password-mismatch",
        subjects=tuple(SessionSubject.between(a, b, key.family) for key in sorted(keys)),
        title=Words("pair", a=a, b=b, unsure=None if sure else Words("firewall")),
        explanation=(_AFTER_A_CHANGE if was_changed else _NEVER_ANSWERED) + _set_by(makers),
        confidence=Confidence.LIKELY if sure else Confidence.POSSIBLE,
        explains=case.explained_by(keys),
        evidence=rows_of(case, keys),
        keys=keys,
        decide=(kernel_log(a, b),),
        fixes=(SAME_EVERYWHERE,),
    )


def _set_by(makers: Collection[str]) -> str:
    return f" {', '.join(makers)} {'sets' if len(makers) == 1 else 'set'} a password." if makers else ""
