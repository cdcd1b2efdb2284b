"""Causes in the configuration of BIRD: a peer disabled by hand, a half that is missing, confd that does not follow.

confd checks each new file with `bird -p` and keeps the old one when BIRD refuses it; nothing but its log says so.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from calico_bgp.audit.causes.candidate import Candidate, CauseContext
from calico_bgp.audit.causes.darkness import by_pair, families_of
from calico_bgp.audit.causes.signals import Signal
from calico_bgp.audit.causes.words import rows_of
from calico_bgp.audit.deviations import Deviation
from calico_bgp.audit.fixes.configuration import drop_manual, name_the_as
from calico_bgp.audit.fixes.pods import AUDIT_AGAIN, birdcl, decision, log_of, restart
from calico_bgp.audit.words import count, some
from calico_bgp.expect.trouble import Refusal
from calico_bgp.model.cause import Confidence, Decision, Fix, FixStep, Risk
from calico_bgp.model.peer import Family, PeerType
from calico_bgp.model.subject import ClusterSubject, NodeSubject, ResourceSubject, SessionSubject
from calico_bgp.topology.sessions import End, SessionKey

#: What the lint calls a file that BIRD refuses.
_REFUSALS = ("peer-without-as", "bird-refuses", "cluster-id-malformed")


def disabled_peer(context: CauseContext) -> Iterator[Candidate]:
    """A peer that one end has in its configuration and keeps disabled: calicoctl does not show it there."""
    refused = refused_nodes(context)
    for (a, b), keys in by_pair(context.context.blame.bad).items():
        found = _silent_end(context, keys)
        if found is None:
            continue
        lacking, signals = found
        far = b if lacking == a else a
        shown_disabled = Signal.DISABLED in signals
        asked = [peer for key in keys for peer in context.view.expected_peers.get(key, ())]
        wanted = [peer for peer in asked if peer.node == _node(context, lacking)]
        if context.view.expectation is not None and not wanted and not shown_disabled:
            continue  # the resources ask it for no such peer: see one_sided
        if lacking in refused or _is_behind(context, lacking):
            continue
        stopped = Signal.STOPPED_THERE in signals
        gone = Signal.DECONFIGURED_THERE in signals
        kind = "confd-stuck" if gone and wanted else "disabled-peer"
        if shown_disabled:
            confidence = Confidence.CERTAIN
        else:
            confidence = Confidence.LIKELY if stopped or (gone and wanted) else Confidence.POSSIBLE
        names = [peer.name for peer in wanted] or _names(context, far, keys)
        subjects = tuple(SessionSubject.between(a, b, key.family) for key in sorted(keys))
        look = _look(lacking, keys, names)
        if kind == "confd-stuck":
            yield Candidate(
                kind=kind,
                subjects=(NodeSubject(node=lacking),),
                title=f"BIRD on {lacking} lost its peer {far}, which the resources ask for",
                explanation=f"{far} was told `Peer de-configured`: the file of BIRD on {lacking} lacks it.",
                confidence=confidence,
                explains=context.explained_by(keys),
                evidence=rows_of(context, keys),
                keys=keys,
                decide=(log_of(lacking), look),
                fixes=(restart(lacking, f"restart calico-node on {lacking}, so that confd writes the file anew"),),
            )
            continue
        yield Candidate(
            kind=kind,
            subjects=subjects,
            title=f"the peer {far} is disabled in BIRD on {lacking}"
            if shown_disabled or stopped
            else f"{lacking} does not show its peer {far} over {families_of(keys)}: probably disabled in BIRD",
            explanation="Somebody ran `birdcl disable`. BIRD prints no state word for a disabled peer, so calicoctl "
            "leaves the row out; the far end only sees that the session was shut down.",
            confidence=confidence,
            explains=context.explained_by(keys),
            evidence=rows_of(context, keys),
            keys=keys,
            decide=() if shown_disabled else (look,),
            fixes=(_enable(lacking, keys, names),),
        )


def _silent_end(context: CauseContext, keys: frozenset[SessionKey]) -> tuple[str, set[Signal]] | None:
    """The end that shows no row, or a disabled one, while the other has the peer; and what that one says."""
    found: dict[str, set[Signal]] = defaultdict(set)
    for key in keys:
        session = context.view.session(*key)
        signals = context.signals(key)
        for end, mine, theirs in ((session.a, signals.a, signals.b), (session.b, signals.b, signals.a)):
            other: End = session.b if end is session.a else session.a
            if end.name not in context.view.by_name or other.name not in context.view.by_name:
                continue
            if mine is Signal.DISABLED or (end.lacks_row and other.rows):
                found[end.name] |= {signal for signal in (mine, theirs) if signal is not None}
    return next(iter(found.items())) if len(found) == 1 else None


def _node(context: CauseContext, name: str) -> str:
    member = context.member(name)
    return member.resource.name if member is not None and member.resource is not None else name


def _is_behind(context: CauseContext, name: str) -> bool:
    """Whether more than rows that calicoctl may have dropped differs there."""
    return any(deviation.node == name for deviation in context.context.blame.deviations.behind)


def _names(context: CauseContext, far: str, keys: frozenset[SessionKey]) -> list[str]:
    """BIRD's names of the peer, where the far end shows that it is one of the mesh."""
    found = []
    for key in sorted(keys):
        rows = context.view.session(*key).end(far).rows
        if not rows or any(row.peer_type is not PeerType.MESH for row in rows):
            return []
        addresses = context.view.identity.addresses.get(far, ())
        found += [
            "Mesh_" + str(address).replace(".", "_").replace(":", "_")
            for address in addresses
            if (address.version == 4) is (key.family is Family.IPV4)
        ]
    return found


def _look(node: str, keys: frozenset[SessionKey], names: list[str]) -> Decision:
    name = names[0] if names else "the peer"
    return decision(
        birdcl(node, min(keys).family, "show protocols"),
        None,
        (f"{name} is there as `down`", "it is disabled: enable it"),
        (f"{name} is not there", "BIRD's configuration lacks it: see confd's log, restart calico-node"),
    )


def _enable(node: str, keys: frozenset[SessionKey], names: list[str]) -> Fix:
    families = sorted({key.family for key in keys})
    pairs = list(zip(families, names, strict=True)) if len(names) == len(families) else []
    steps = tuple(
        FixStep(what=f"enable {name} again ({family.label})", kubectl=birdcl(node, family, f"enable {name}"))
        for family, name in pairs
    ) or (
        FixStep(
            what="find the name of the disabled peer, then `birdcl enable NAME` likewise",
            kubectl=birdcl(node, families[0], "show protocols"),
        ),
    )
    return Fix(summary=f"enable the peer in BIRD on {node}", risk=Risk.NONE, steps=steps, check=AUDIT_AGAIN)


def refused_nodes(context: CauseContext) -> dict[str, list[Refusal]]:
    """Member → what BIRD refuses of its configuration."""
    found: dict[str, list[Refusal]] = defaultdict(list)
    if context.view.expectation is not None:
        members = {m.resource.name: m.name for m in context.view.members if m.resource is not None}
        for refusal in context.view.expectation.refusals:
            found[members.get(refusal.node, refusal.node)].append(refusal)
    return dict(found)


def confd_stuck(context: CauseContext) -> Iterator[Candidate]:
    """Nodes whose tables are not what the resources ask for, though BIRD would take what they ask for."""
    refused = refused_nodes(context)
    blamed = context.context.blame.deviations
    general = [f.id for f in context.of("configuration-behind") if isinstance(f.subject, ClusterSubject)]
    if general:
        yield _general(context, frozenset(general))
        return
    for name, deviation in sorted(blamed.by_node.items()):
        if name in refused or not deviation.is_behind:
            continue
        keys = _keys_of(context, deviation)
        mine = context.of_node(name, "configuration-behind", "isolated-node") | _rows_too_many(context, deviation)
        yield Candidate(
            kind="confd-stuck",
            subjects=(NodeSubject(node=name),),
            title=f"BIRD on {name} does not run what the resources say ({deviation.summary()}): confd lags",
            explanation="The other nodes have followed, this one has not: confd there hangs, lost its watch, or could "
            "not write. Every later change is lost on it as well.",
            confidence=Confidence.LIKELY,
            explains=mine | context.explained_by(keys),
            evidence=tuple(deviation.lines()[:6]),
            keys=keys,
            decide=(
                log_of(
                    name,
                    ("an error of confd or of bird -p", "that is why it keeps the old file"),
                    ("nothing", "its watch is dead: restart it; or the resources given are older than the cluster"),
                ),
            ),
            fixes=(restart(name, f"restart calico-node on {name}: confd then reads everything anew"),),
        )


def _keys_of(context: CauseContext, deviation: Deviation) -> frozenset[SessionKey]:
    """The bad sessions that the deviation accounts for."""
    blame = context.context.blame
    return frozenset(key for key in context.bad_of.get(deviation.node, ()) if key in blame.deviations.keys)


def _rows_too_many(context: CauseContext, deviation: Deviation) -> frozenset[str]:
    """Findings about a single row of that node that nothing asks for, or of another type."""
    if not (deviation.unexpected or deviation.mistyped):
        return frozenset()
    return frozenset(
        finding.id
        for finding in context.of("unexpected-peer", "wrong-peer-type")
        if isinstance(finding.subject, SessionSubject) and deviation.node in {finding.subject.a, finding.subject.b}
    )


def _general(context: CauseContext, findings: frozenset[str]) -> Candidate:
    behind = context.context.blame.deviations.behind
    names = [deviation.node for deviation in behind]
    return Candidate(
        kind="confd-stuck",
        subjects=(ClusterSubject(),),
        title=f"{count(len(behind), 'node')} run other peers than the resources ask for: old resources, or confd "
        "follows nowhere",
        explanation="Most nodes do not lag behind by chance. Probably the resources given are of another day or "
        "another cluster; else confd has lost the datastore everywhere.",
        confidence=Confidence.POSSIBLE,
        explains=findings | context.explained_by(context.context.blame.deviations.keys),
        evidence=tuple(behind[0].lines()[:4]),
        decide=(
            decision(
                "calicoctl get bgpPeer -o yaml; calicoctl get nodes -o yaml",
                None,
                ("other resources than those given", "audit again with these"),
                ("the same resources", f"confd follows nowhere: look at its log, on {some(names)}"),
            ),
        ),
        fixes=(
            Fix(
                summary="get the resources anew and audit again, before anything else",
                risk=Risk.NONE,
                check=AUDIT_AGAIN,
            ),
        ),
    )


def refused_configuration(context: CauseContext) -> Iterator[Candidate]:
    """A resource that makes BIRD refuse the whole file of every node that gets it."""
    if context.lint is None:
        return
    refused = refused_nodes(context)
    for finding in context.of(*_REFUSALS):
        if not isinstance(finding.subject, ResourceSubject):
            continue
        subject = finding.subject
        nodes = sorted(
            name
            for name, refusals in refused.items()
            if any(b.name == subject.name for r in refusals for b in r.because) or subject.name == name
        )
        missing = frozenset(
            key
            for key, peers in context.view.expected_peers.items()
            if key in context.context.blame.bad and any(b.name == subject.name for p in peers for b in p.because)
        )
        keys = missing | frozenset(
            key for key in context.context.blame.deviations.keys if key.a in nodes or key.b in nodes
        )
        keys &= frozenset(context.context.blame.bad)
        behind = frozenset(f for name in nodes for f in context.of_node(name, "configuration-behind", "peer-missing"))
        also = frozenset(
            f.id
            for f in context.of("peer-missing", "external-peer-down", "unexpected-peer", "as-number-mismatch")
            if getattr(f.subject, "name", None) == subject.name or (missing and context.keys_of[f.id] <= missing)
            if context.keys_of[f.id] or getattr(f.subject, "name", None) == subject.name
        )
        fixes = name_the_as(context, subject.name) if finding.rule == "peer-without-as" else ()
        yield Candidate(
            kind="refused-configuration",
            subjects=(subject,),
            title=f"{subject} makes BIRD refuse the whole configuration"
            + (f" of {count(len(nodes), 'node')}" if nodes else "")
            + (": it has no asNumber" if finding.rule == "peer-without-as" else ""),
            explanation="confd checks every file with `bird -p` and keeps the old one when that fails. These nodes run "
            "on with what they had, and every later change is lost on them until this is mended.",
            confidence=Confidence.CERTAIN,
            explains=frozenset({finding.id}) | behind | also | context.explained_by(keys),
            evidence=(*finding.evidence, f"nodes: {some(nodes)}") if nodes else finding.evidence,
            keys=keys,
            fixes=fixes
            or (Fix(summary=finding.next_step or f"mend {subject}", risk=Risk.NONE, check="calico-bgp lint"),),
        )


def one_sided(context: CauseContext) -> Iterator[Candidate]:
    """A BGPPeer that makes one half of a session, mostly by `reversePeering: Manual`."""
    for finding in context.of("one-sided-peering"):
        if not isinstance(finding.subject, ResourceSubject):
            continue
        subject = finding.subject
        keys = frozenset(
            key
            for key, peers in context.view.expected_peers.items()
            if key in context.context.blame.bad
            and len({peer.node for peer in peers}) == 1
            and any(because.name == subject.name for peer in peers for because in peer.because)
        )
        fixes = drop_manual(context, subject.name)
        yield Candidate(
            kind="one-sided-configuration",
            subjects=(subject,),
            title=finding.message,
            explanation="A session needs a peer at both ends. BIRD refuses a connection from an address that it has no "
            "peer for, so the near end keeps dialling in vain.",
            confidence=Confidence.CERTAIN,
            explains=frozenset({finding.id}) | context.explained_by(keys),
            evidence=(*finding.evidence[:4], *rows_of(context, keys)),
            keys=keys,
            fixes=fixes
            or (Fix(summary=finding.next_step or "add the other half", risk=Risk.NONE, check="calico-bgp lint"),),
        )


FAMILIES = (disabled_peer, confd_stuck, refused_configuration, one_sided)
