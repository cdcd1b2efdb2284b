"""A node whose BIRD runs and lacks peers, all or several, while others have it as theirs: by the tables alone.

With resources peering/configuration.py and disabled.py tell, for then it is known what the node should have.
"""

from __future__ import annotations

from collections.abc import Iterator

from calico_bgp.causes.candidate import Candidate
from calico_bgp.causes.case import Case
from calico_bgp.causes.cause import also
from calico_bgp.causes.nodes.disabled import lacking_several
from calico_bgp.causes.signals import Signal
from calico_bgp.causes.words import rows_about
from calico_bgp.cluster.sessions.session import Session, SessionKey
from calico_bgp.messages.declared import Words
from calico_bgp.messages.pod_commands import decision
from calico_bgp.messages.steps import LOOK_AT_RESOURCES_LINE
from calico_bgp.model.peer import Family
from calico_bgp.model.reports.cause import Confidence
from calico_bgp.model.reports.report import Finding
from calico_bgp.model.reports.subject import NodeSubject


@also("disabled-peer", "confd-stuck")
def no_peers(case: Case) -> Iterator[Candidate]:
    """One per node without peers; per family where the node has peers of the other family."""
    if case.cluster.expectation is not None:
        return
    for finding, subject in case.about(NodeSubject, "isolated-node"):
        keys = case.bad_keys(subject.node, subject.family)
        sessions = [case.cluster.session(*key) for key in keys]
        if not keys or not all(session.end(subject.node).lacks_row for session in sessions):
            continue
        if not any(session.end(session.key.far(subject.node)).rows for session in sessions):
            continue  # nobody has it as a peer: Calico may ask for none, and only the resources tell
        yield _without_peers(case, finding, subject, keys)


def _without_peers(case: Case, finding: Finding, subject: NodeSubject, keys: frozenset[SessionKey]) -> Candidate:
    """All peers disabled by hand, or a file without them: by what the far ends were told when the sessions ended."""
    signals = {case.far_signal(subject.node, key) for key in keys}
    deconfigured = Signal.DECONFIGURED_THERE in signals
    stopped = Signal.STOPPED_THERE in signals and not deconfigured
    if stopped:
        told = "Far ends were told `Administrative shutdown`: somebody ran `birdcl disable`."
    elif deconfigured:
        told = "Far ends were told `Peer de-configured`: confd wrote a file without them, or none yet."
    else:
        told = "Either confd wrote no file with them, or all were disabled by hand."
    label = "" if subject.family is None else f" over {subject.family.label}"
    condition = ", so that confd writes the file anew" if deconfigured else ", unless they were disabled on purpose"
    return Candidate(
        kind="disabled-peer" if stopped else "confd-stuck",
        subjects=(subject,),
        title=Words("all_there" if stopped else "no_peer", node=subject.node, family=label),
        explanation=f"BIRD runs there and shows none of its peers. {told}",
        confidence=Confidence.LIKELY if stopped or deconfigured else Confidence.POSSIBLE,
        explains=frozenset({finding.id}) | case.explained_by(keys),
        evidence=rows_about(case, subject.node, keys),
        keys=keys,
        decide=(
            decision(
                case.pods.birdcl(subject.node, subject.family or min(keys).family, "show protocols"),
                None,
                ("peers that are `down`", "they are disabled: `enable all` likewise, or a restart, ends that"),
                ("no peers", "BIRD's configuration lacks them: see confd's log"),
            ),
        ),
        fixes=(case.pods.restart(subject.node, f"restart calico-node on {subject.node}{condition}"),),
    )


@also("confd-stuck")
def half_there(case: Case) -> Iterator[Candidate]:
    """A node with peers that does not show several others which have it as theirs; with none at all no_peers tells."""
    for name, keys in sorted(lacking_several(case).items()):
        if not any(session.end(name).rows for family in Family for session in _sessions(case, name, family)):
            continue
        fars = sorted({key.far(name) for key in keys})
        yield Candidate(
            kind="confd-stuck",
            subjects=(NodeSubject(node=name),),
            title=Words("lacks", node=name, number=len(fars), peers=fars),
            explanation="So many at one node at once are a file without them rather than peers that somebody disabled: "
            "confd there did not follow, or Calico's resources give the peer to the far ends alone.",
            confidence=Confidence.POSSIBLE,
            explains=case.explained_by(keys),
            evidence=rows_about(case, name, keys),
            keys=keys,
            decide=(
                decision(
                    LOOK_AT_RESOURCES_LINE,
                    None,
                    ("reversePeering: Manual, or selectors that match one end only", "add the other half"),
                    ("both ends are asked for", f"confd on {name} did not follow: see its log, restart calico-node"),
                ),
            ),
            fixes=(
                case.pods.restart(
                    name, f"where the resources ask for both ends: restart calico-node on {name}, so that confd follows"
                ),
            ),
        )


def _sessions(case: Case, name: str, family: Family) -> tuple[Session, ...]:
    return case.cluster.sessions_of.get((name, family), ())
