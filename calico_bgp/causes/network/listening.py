"""A cause in a listenPort that a BIRD does not listen at: it opens its port when it starts, and never another one.

BIRD 1.6 takes a new `listen bgp port` at a restart only (conf/conf.c global_commit: "Reconfiguration of BGP
listening socket not implemented, please restart BIRD"), while confd has it dial the new port at once.
"""

from __future__ import annotations

from collections.abc import Iterator

from calico_bgp.causes.candidate import Candidate
from calico_bgp.causes.case import Case
from calico_bgp.causes.cause import also
from calico_bgp.causes.network.port_checks import dialled_port, open_port, who_listens
from calico_bgp.causes.network.silence import living_keys
from calico_bgp.causes.signals import Signal
from calico_bgp.causes.words import rows_of
from calico_bgp.cluster.sessions.dialled import dialled
from calico_bgp.cluster.sessions.session import SessionKey
from calico_bgp.messages.declared import Words
from calico_bgp.messages.words import some
from calico_bgp.model.reports.cause import Confidence, Fix, Risk
from calico_bgp.model.reports.subject import ClusterSubject, NodeSubject
from calico_bgp.natural_order import natural_key

#: More than so many restarts are a rollout of the DaemonSet, in whatever namespace it is.
_MOST_STEPS = 6


@also("port-refused")
def listens_elsewhere(case: Case) -> Iterator[Candidate]:
    """The fewest nodes at whose sessions a port is refused that a listenPort sets; the cluster, where all are."""
    refused = {key for key in living_keys(case) if _refuses_a_listen_port(case, key)}
    names = {name for key in refused for name in (key.a, key.b)}
    if len(refused) > 1 and not any(case.up_keys(name) for name in names):
        yield _candidate(case, sorted(names, key=natural_key), frozenset(refused), everywhere=True)
        return
    for name in _fewest(case, refused):
        keys = frozenset(key for key in refused if name in (key.a, key.b))
        yield _candidate(case, [name], keys, everywhere=False)


def _refuses_a_listen_port(case: Case, key: SessionKey) -> bool:
    """Whether an end says that the far port refuses, and that port is one that a resource sets."""
    return any(
        case.far_signal(name, key) is Signal.REFUSED
        and case.is_read(name)
        and dialled(case.cluster, key, name).set_by is not None
        for name in (key.a, key.b)
    )


def _fewest(case: Case, refused: set[SessionKey]) -> Iterator[str]:
    """One node after the other that has most of the sessions that are left; of equal ones the one that is dialled."""
    left = set(refused)
    while left:
        names = {name for key in left for name in (key.a, key.b)}

        def weight(name: str, left: set[SessionKey] = left) -> tuple[int, int]:
            own = [key for key in left if name in (key.a, key.b)]
            return len(own), sum(case.far_signal(name, key) is Signal.REFUSED for key in own)

        best = max(sorted(names, key=natural_key), key=weight)
        yield best
        left = {key for key in left if best not in (key.a, key.b)}


def _candidate(case: Case, names: list[str], refused: frozenset[SessionKey], *, everywhere: bool) -> Candidate:
    port = dialled_port(case, names[0], refused)
    # What is down beside them between the same nodes has no other reason: who waits hears nothing.
    keys = refused | {key for key in living_keys(case) if everywhere and key.a in names and key.b in names}
    on = "every node" if everywhere else names[0]
    return Candidate(
        kind="port-refused",
        subjects=(ClusterSubject(),) if everywhere else (NodeSubject(node=names[0]),),
        title=Words("everywhere" if everywhere else "not_followed", node=on, port=str(port)),
        explanation="BIRD opens its port when it starts, and a listenPort that comes later changes only the ports that "
        "it dials. A refusal mostly means that nobody listens there.",
        confidence=Confidence.LIKELY if len(refused) > 1 else Confidence.POSSIBLE,
        explains=_all_of(case, keys)
        if everywhere
        else case.explained_by(keys) | case.of_node(names[0], "isolated-node"),
        evidence=rows_of(case, refused),
        keys=keys,
        decide=(who_listens(names[0], port),),
        fixes=(_restart(case, names), open_port(some(names), port)),
    )


def _all_of(case: Case, keys: frozenset[SessionKey]) -> frozenset[str]:
    """All findings that speak of these sessions alone, those about the cluster included."""
    return frozenset(f.id for f in case.findings if case.keys_of[f.id] and case.keys_of[f.id] <= keys)


def _restart(case: Case, names: list[str]) -> Fix:
    one_by_one = "" if len(names) == 1 else ", one after the other"
    return Fix(
        label="restart pods" if len(names) > 1 else "restart pod",
        summary=f"restart calico-node on {some(names)}{one_by_one}: its BIRD then listens at the port of the resources",
        risk=Risk.RESTARTS_SESSIONS,
        steps=tuple(case.pods.restart_step(name) for name in names) if len(names) <= _MOST_STEPS else (),
        restarts=case.pods.ended_by(names),
    )
