"""A cause that tables alone tell: a node that still has the mesh which the others have left, or not yet has it."""

from __future__ import annotations

from collections.abc import Iterator

from calico_bgp.causes.candidate import Candidate
from calico_bgp.causes.case import Case
from calico_bgp.causes.cause import also
from calico_bgp.causes.words import rows_of
from calico_bgp.cluster.sessions.mesh_rows import MeshRows, mesh_rows
from calico_bgp.cluster.sessions.session import SessionKey
from calico_bgp.messages.declared import Words
from calico_bgp.model.reports.cause import Confidence
from calico_bgp.model.reports.report import Finding
from calico_bgp.model.reports.subject import NodeSubject, SessionSubject

#: Of one pair it is not known which end did not follow.
_FEWEST_PAIRS = 2
_RULES = ("unexpected-peer", "peer-missing", "one-sided-session")


@also("confd-stuck")
def mesh_not_followed(case: Case) -> Iterator[Candidate]:
    """One per node; with resources these say it."""
    if case.resources is not None:
        return
    compared = mesh_rows(case.cluster.sessions, case.cluster.by_name.keys())
    for name, pairs in sorted(compared.strays.items()):
        left = sorted({key.far(name) for key in pairs} & compared.outside)
        if not left and (len(pairs) < _FEWEST_PAIRS or not _has_both(case, name, compared)):
            continue
        keys = pairs & case.cluster.judged.bad.keys()
        yield Candidate(
            kind="confd-stuck",
            subjects=(NodeSubject(node=name),),
            title=Words("left_mesh", node=name, peers=left)
            if left
            else Words("no_mesh" if compared.is_on else "old_mesh", node=name),
            explanation="The node-to-node mesh is on for all nodes without a cluster ID, or for none. BIRD there runs "
            "what was before, or what is not yet everywhere.",
            confidence=Confidence.LIKELY,
            explains=case.explained_by(keys) | _spoken_of(case, name, pairs, compared) | case.of_node(name, *_RULES),
            evidence=rows_of(case, pairs),
            keys=keys,
            fixes=(case.pods.restart(name, f"restart calico-node on {name}: confd then reads everything anew"),),
        )


def _has_both(case: Case, name: str, compared: MeshRows) -> bool:
    """Whether the others have, or lack, the mesh with some node that it also has: else it only lacks peers."""
    pairs = compared.strays[name]
    return any(case.cluster.session(*key).end(key.far(name)).rows for key in pairs) and any(
        case.cluster.session(*key).end(name).rows for key in pairs
    )


def _spoken_of(case: Case, name: str, pairs: frozenset[SessionKey], compared: MeshRows) -> frozenset[str]:
    """Findings about its pairs with others, and with others that did not follow either."""
    return frozenset(
        finding.id
        for finding in case.of(*_RULES)
        if (key := _key(finding)) is not None
        and name in (key.a, key.b)
        and (key in pairs or key.far(name) in compared.strays)
    )


def _key(finding: Finding) -> SessionKey | None:
    subject = finding.subject
    return SessionKey.between(subject.family, subject.a, subject.b) if isinstance(subject, SessionSubject) else None
