"""What gives both ends of sessions one password: the BGPPeer that lacks it, or nodes that have not read the Secret."""

from __future__ import annotations

from collections.abc import Sequence

from calico_bgp import shell_words
from calico_bgp.causes.candidate import CauseContext
from calico_bgp.causes.peering.password_facts import Maker, makers_of, secret_makers
from calico_bgp.causes.remedies.commands import spec_step
from calico_bgp.messages.pod_commands import AUDIT_AGAIN
from calico_bgp.messages.words import some
from calico_bgp.model.cause import Asked, Fix, Risk
from calico_bgp.model.resources import ResourceKind

SAME_EVERYWHERE = Fix(
    summary="give both ends the same password: one Secret, named by every BGPPeer of the session",
    risk=Risk.RESTARTS_SESSIONS,
    check=AUDIT_AGAIN,
)


def name_the_secret(context: CauseContext, having: Maker, lacking: Maker) -> tuple[Fix, ...]:
    """Write the password of one BGPPeer into the other one that makes the same sessions."""
    if lacking[0] != ResourceKind.BGP_PEER or having[0] != ResourceKind.BGP_PEER or _would_harm(context, lacking):
        return (SAME_EVERYWHERE,)
    asks = tuple(
        Asked(
            variable=f"SECRET_{field.upper()}",
            what=f"the {field} under spec.password.secretKeyRef of BGPPeer {having[1]} "
            f"(calicoctl get bgpPeer {shell_words.name(having[1])} -o yaml)",
        )
        for field in ("name", "key")
    )
    reference = {field: f"SECRET_{field.upper()}" for field in ("name", "key")}
    step = spec_step(
        ResourceKind.BGP_PEER,
        lacking[1],
        {"password": {"secretKeyRef": reference}},
        f"let BGPPeer {lacking[1]} name the Secret that BGPPeer {having[1]} names",
    )
    fix = Fix(
        summary=f"give BGPPeer {lacking[1]} the password of BGPPeer {having[1]}",
        risk=Risk.RESTARTS_SESSIONS,
        steps=(step.model_copy(update={"kubectl": _asking(step.kubectl), "calicoctl": _asking(step.calicoctl)}),),
        asks=asks,
        check=AUDIT_AGAIN,
    )
    return (fix,)


def _asking(command: str | None) -> str | None:
    """The command, in which the values are asked for: a quoted JSON is left for each and entered again."""
    for field in ("NAME", "KEY"):
        command = command and command.replace(f'"SECRET_{field}"', f'"\'"${{SECRET_{field}:?}}"\'"')
    return command


def _would_harm(context: CauseContext, lacking: Maker) -> bool:
    """Whether a session that works without a password would have one at one end only."""
    secret = secret_makers(context)
    for key, peers in context.view.expected_peers.items():
        made = makers_of(context, [key])
        if lacking in made and len(peers) > 1 and any(m != lacking and m not in secret for m in made):
            return True
    return False


def read_the_secret(context: CauseContext, names: Sequence[str]) -> tuple[Fix, ...]:
    """Let confd read the Secret anew on nodes that have an old password."""
    return (
        Fix(
            summary=f"restart calico-node on {some(names)}, so that confd reads the Secret anew",
            risk=Risk.RESTARTS_SESSIONS,
            steps=tuple(context.pods.restart_step(name) for name in names),
            check=AUDIT_AGAIN,
        ),
    )
