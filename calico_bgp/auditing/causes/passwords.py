"""TCP MD5 passwords that differ: the kernel drops what is not signed right without a word (RFC 2385).

So both ends see silence and say no error; only the kernel's log has it. What the resources do not tell is who is wrong.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator

from calico_bgp.auditing.causes.candidate import Candidate, CauseContext, once
from calico_bgp.auditing.causes.darkness import by_pair, dark_keys
from calico_bgp.auditing.causes.signals import Signal
from calico_bgp.auditing.causes.words import rows_about, rows_of
from calico_bgp.auditing.causes.young import young_keys
from calico_bgp.auditing.fixes.pods import AUDIT_AGAIN, decision, restart
from calico_bgp.auditing.words import count
from calico_bgp.model.cause import Confidence, Decision, Fix, Risk
from calico_bgp.model.subject import NodeSubject, SessionSubject
from calico_bgp.topology.sessions import SessionKey

#: What an end says that never had an answer, and never had the session for long enough to miss it.
_NEVER_HEARD = frozenset({Signal.SILENT, Signal.TIMED_OUT})


@once
def passworded_keys(context: CauseContext) -> frozenset[SessionKey]:
    """Silent sessions that have a password by Calico's resources, and of which neither end ever heard the other."""
    found: set[SessionKey] = set()
    for keys in by_pair(dark_keys(context)).values():
        said = {signal for key in keys for signal in context.signals(key).both}
        if said <= _NEVER_HEARD and _makers(context, keys):
            found |= keys
    return frozenset(found)


def password_mismatch(context: CauseContext) -> Iterator[Candidate]:
    """A node that none of its peers hears, or a pair, where there is a password; without resources, a guess."""
    secret = passworded_keys(context)
    left = set(secret)
    for name, keys in _stars(context, secret):
        left -= keys
        yield _of_node(context, name, keys)
    for (a, b), keys in by_pair(left).items():
        yield _of_pair(context, a, b, keys)
    if context.resources is None:
        young = young_keys(context)
        for (a, b), keys in by_pair(dark_keys(context)).items():
            said = {signal for key in keys for signal in context.signals(key).both}
            if said <= {Signal.SILENT} and not keys & young:
                yield _of_pair(context, a, b, keys)


def _stars(context: CauseContext, keys: Collection[SessionKey]) -> Iterator[tuple[str, frozenset[SessionKey]]]:
    """Nodes with two or more such far ends and nothing else: it is the node's own file that has the other password."""
    of: dict[str, set[SessionKey]] = defaultdict(set)
    for key in keys:
        of[key.a].add(key)
        of[key.b].add(key)
    for name, mine in sorted(of.items()):
        fars = {key.far(name) for key in mine}
        if len(fars) > 1 and not context.up_of.get(name) and any(context.up_of.get(far) for far in fars):
            yield name, frozenset(mine)


def _of_node(context: CauseContext, name: str, keys: frozenset[SessionKey]) -> Candidate:
    makers = _makers(context, keys)
    return Candidate(
        kind="password-mismatch",
        subjects=(NodeSubject(node=name),),
        title=f"{name} and its {count(len({key.far(name) for key in keys}), 'peer')} do not hear each other: probably "
        "it has another TCP MD5 password",
        explanation=f"{', '.join(makers)} {'sets' if len(makers) == 1 else 'set'} a password. Neither end of any of "
        "its sessions says an error, as where signatures do not fit. The others hear each other, so they have one "
        "password; a Secret that was changed and that confd did not follow on one node looks so.",
        confidence=Confidence.LIKELY,
        explains=context.explained_by(keys) | context.of_node(name, "isolated-node"),
        evidence=rows_about(context, name, keys),
        keys=keys,
        decide=(_kernel_log(name, "its peers"),),
        fixes=(restart(name, f"restart calico-node on {name}, so that confd reads the Secret anew"),),
    )


def _of_pair(context: CauseContext, a: str, b: str, keys: frozenset[SessionKey]) -> Candidate:
    makers = _makers(context, keys)
    # A node that dials in vain for long enough says so of a cut link as well.
    unsure = any(Signal.TIMED_OUT in context.signals(key).both for key in keys)
    why = f" {', '.join(makers)} {'sets' if len(makers) == 1 else 'set'} a password." if makers else ""
    return Candidate(
        kind="password-mismatch",
        subjects=tuple(SessionSubject.between(a, b, key.family) for key in sorted(keys)),
        title=f"{a} and {b} do not hear each other: probably different TCP MD5 passwords"
        + ("" if makers and not unsure else ", or a firewall"),
        explanation="Neither end ever had an answer, and neither says an error: that is what a wrong or one-sided "
        "password looks like, for the kernel drops what is not signed right. A firewall that was there from the "
        "beginning looks the same." + why,
        confidence=Confidence.LIKELY if makers and not unsure else Confidence.POSSIBLE,
        explains=context.explained_by(keys),
        evidence=rows_of(context, keys),
        keys=keys,
        decide=(_kernel_log(a, b),),
        fixes=(
            Fix(
                summary="give both ends the same password: one Secret, named by every BGPPeer of the session",
                risk=Risk.RESTARTS_SESSIONS,
                check=AUDIT_AGAIN,
            ),
        ),
    )


def _kernel_log(near: str, far: str) -> Decision:
    return decision(
        "sudo dmesg | grep -i 'MD5'",
        near,
        ("MD5 Hash failed, not found or unexpected", f"{near} and {far} have different passwords, or one has none"),
        (f"nothing, neither on {near} nor at the far end", "a firewall drops TCP port 179"),
    )


def _makers(context: CauseContext, keys: Collection[SessionKey]) -> list[str]:
    """The resources with a password that make these sessions."""
    resources = context.resources
    if resources is None:
        return []
    with_secret = {("BGPPeer", peer.name) for peer in resources.bgp_peers if peer.has_password}
    if resources.global_config is not None and resources.global_config.has_node_mesh_password:
        with_secret.add(("BGPConfiguration", resources.global_config.name))
    made = {
        (because.kind, because.name)
        for key in keys
        for peer in context.view.expected_peers.get(key, ())
        for because in peer.because
    }
    return [f"{kind} {name}" for kind, name in sorted(made & with_secret)]


FAMILIES = (password_mismatch,)
