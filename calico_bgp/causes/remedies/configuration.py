"""What mends a BGPPeer: the other half of a session, the AS number that is missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from calico_bgp.causes.candidate import CauseContext
from calico_bgp.causes.remedies.commands import spec_step
from calico_bgp.causes.remedies.trial import TRIAL, tried, try_changes
from calico_bgp.changes.change import ApplyResources, Change, apply
from calico_bgp.expect.engine import Expectation, expect
from calico_bgp.expect.peer_ip import parse_peer_ip
from calico_bgp.failures import sheltered
from calico_bgp.messages.pod_commands import AUDIT_AGAIN
from calico_bgp.model.cause import Asked, Fix, FixStep, Risk
from calico_bgp.model.resources import BGPPeer, ResourceKind, Resources

_AS_NUMBER = Asked(variable="AS_NUMBER", what="the AS number of the far end: its own configuration says it")


def drop_manual(context: CauseContext, name: str) -> tuple[Fix, ...]:
    """Let Calico make the other half: take `reversePeering: Manual` out."""
    peer = _peer(context, name)
    if context.lint is None or peer is None or peer.reverse_peering != "Manual":
        return ()
    changes = [ApplyResources(Resources(bgp_peers=(replace(peer, reverse_peering=None),)), name)]
    fix = Fix(
        summary=f"let Calico make the other half of BGPPeer {name}: reversePeering: Auto",
        risk=Risk.NONE,
        steps=(
            spec_step(
                ResourceKind.BGP_PEER,
                name,
                {"reversePeering": "Auto"},
                f"write reversePeering: Auto into BGPPeer {name}",
            ),
        ),
        check=AUDIT_AGAIN,
    )
    good = tried(context.lint.expectation, changes, fix)
    return () if good is None else (good,)


def name_the_as(context: CauseContext, name: str) -> tuple[Fix, ...]:
    """Write the asNumber of the far end, where it is a node of the cluster; else ask for it."""
    lint, peer = context.lint, _peer(context, name)
    if lint is None or peer is None:
        return ()
    address = parse_peer_ip(peer.peer_ip or "").address
    owners = () if address is None else lint.expectation.nodes_by_address.get(address, ())
    number = lint.speakers[owners[0]].local_as if owners else None
    what = f"write asNumber {number}, the AS of {owners[0]}," if owners else "write the asNumber of the far end"
    known = spec_step(ResourceKind.BGP_PEER, name, {"asNumber": number or 0}, f"{what} into BGPPeer {name}")
    # A number that is asked for stands without quotes in JSON, so it takes the place of one.
    step = known if number is not None else _asking(known)
    changes = [
        ApplyResources(Resources(bgp_peers=(replace(peer, as_number=number or lint.resources.as_number),)), name)
    ]
    fix = Fix(
        summary=f"give BGPPeer {name} the asNumber of its far end; BIRD then takes the whole file",
        risk=Risk.NONE,
        steps=(step,),
        asks=() if number is not None else (_AS_NUMBER,),
        check=AUDIT_AGAIN,
    )
    return cures(context, changes, fix)


def _asking(step: FixStep) -> FixStep:
    """The step with the shell variable in the place of the number."""
    asked = {
        way: command.replace('"asNumber": 0', f'"asNumber": \'"${{{_AS_NUMBER.variable}:?}}"\'')
        for way, command in (("kubectl", step.kubectl), ("calicoctl", step.calicoctl))
        if command is not None
    }
    return step.model_copy(update=asked)


def cures(context: CauseContext, changes: Sequence[Change], fix: Fix) -> tuple[Fix, ...]:
    """The fix, if BIRD refuses less afterwards and no route is lost."""
    assert context.lint is not None
    with sheltered(TRIAL):
        return _cured(context.lint.expectation, changes, fix)
    return ()


def _cured(before: Expectation, changes: Sequence[Change], fix: Fix) -> tuple[Fix, ...]:
    after = expect(apply(before.resources, changes), version=before.version)
    trial = try_changes(before, changes)
    if trial is None or trial.loses or len(after.refusals) >= len(before.refusals):
        return ()
    left = len({refusal.node for refusal in after.refusals})
    told = "BIRD takes every node's configuration" if not left else f"BIRD still refuses that of {left} nodes"
    return (fix.model_copy(update={"tried": f"in the model {told}, and no route is lost"}),)


def _peer(context: CauseContext, name: str) -> BGPPeer | None:
    return None if context.lint is None else context.lint.peers_by_name.get(name)
