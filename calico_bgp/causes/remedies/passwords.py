"""What gives both ends of sessions one password: the BGPPeer that lacks it, or nodes that have not read the Secret."""

from __future__ import annotations

from collections.abc import Sequence

from calico_bgp import shell_words
from calico_bgp.causes.case import Case
from calico_bgp.causes.peering.password_facts import Maker, makers_of, secret_makers
from calico_bgp.causes.remedies.remedy import Remedy, Step
from calico_bgp.causes.remedies.trial import measured
from calico_bgp.changes.ask import Ask, Secret
from calico_bgp.changes.change import SetFields
from calico_bgp.messages.words import some
from calico_bgp.model.reports.cause import Fix, Risk
from calico_bgp.model.resources import ResourceKind

SAME_EVERYWHERE = Fix(
    label="set password",
    summary="give both ends the same password: one Secret, named by every BGPPeer of the session; in the mesh by "
    "nodeMeshPassword of BGPConfiguration default",
    risk=Risk.RESTARTS_SESSIONS,
)


def name_the_secret(case: Case, having: Maker, lacking: Maker) -> tuple[Fix, ...]:
    """Write the password of one BGPPeer into the other one that makes the same sessions."""
    if lacking[0] != ResourceKind.BGP_PEER or having[0] != ResourceKind.BGP_PEER or _would_harm(case, lacking):
        return (SAME_EVERYWHERE,)
    where = f"under spec.password.secretKeyRef of BGPPeer {having[1]} (calicoctl get bgpPeer "
    where += f"{shell_words.name(having[1])} -o yaml)"
    secret = Secret(Ask("SECRET_NAME", f"the name {where}", "-"), Ask("SECRET_KEY", f"the key {where}", "-"))
    step = Step(
        SetFields(ResourceKind.BGP_PEER, lacking[1], (("has_password", secret),)),
        f"let BGPPeer {lacking[1]} name the Secret that BGPPeer {having[1]} names",
    )
    remedy = Remedy(f"give BGPPeer {lacking[1]} the password of BGPPeer {having[1]}", (step,), Risk.RESTARTS_SESSIONS)
    fix = measured(case, remedy)
    return (SAME_EVERYWHERE if fix is None else fix,)


def _would_harm(case: Case, lacking: Maker) -> bool:
    """Whether a session that works without a password would have one at one end only."""
    secret = secret_makers(case)
    for key, peers in case.cluster.expected_peers.items():
        makers = makers_of(case, [key])
        if lacking in makers and len(peers) > 1 and any(m != lacking and m not in secret for m in makers):
            return True
    return False


def read_the_secret(case: Case, names: Sequence[str]) -> tuple[Fix, ...]:
    """Let confd read the Secret anew on nodes that have an old password."""
    return (
        Fix(
            label="restart pod",
            summary=f"restart calico-node on {some(names)}, so that confd reads the Secret anew",
            risk=Risk.RESTARTS_SESSIONS,
            steps=tuple(case.pods.restart_step(name) for name in names),
            restarts=case.pods.ended_by(names),
        ),
    )
