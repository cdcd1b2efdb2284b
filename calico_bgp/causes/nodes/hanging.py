"""A BIRD that hangs: its process is there and takes connections on its control socket, and it answers nothing.

calicoctl says `i/o timeout` then (calicoctl, node/status.go). Its sessions stand until the hold time of the far ends is
over, and with graceful restart its routes a while longer.
"""

from __future__ import annotations

from collections.abc import Iterator

from calico_bgp.causes.candidate import Candidate
from calico_bgp.causes.case import Case
from calico_bgp.causes.cause import cause
from calico_bgp.causes.words import rows_about, told_by
from calico_bgp.cluster.nodes.members import Member
from calico_bgp.messages.declared import Words
from calico_bgp.messages.pod_commands import decision
from calico_bgp.messages.words import count
from calico_bgp.model.peer import Family, only_family
from calico_bgp.model.reading import DaemonState, GatherFailure, Silent
from calico_bgp.model.reports.cause import Confidence
from calico_bgp.model.reports.subject import NodeSubject

_WAITED = ("i/o timeout", "timed out")


def hanging(member: Member) -> dict[Family, str]:
    """The families whose BIRD hangs by what the node says, and its words."""
    if member.reading is None:
        return {}
    return {
        daemon.family: daemon.message
        for daemon in member.reading.status.daemons
        if daemon.state is DaemonState.UNREACHABLE
        and daemon.message is not None
        and any(words in daemon.message for words in _WAITED)
    }


def hung_up(failure: GatherFailure | None) -> bool:
    """Whether BIRD itself kept us waiting until we gave up, and not the way to the node."""
    return failure is not None and failure.silent is Silent.BIRD


@cause(
    "bird-hangs",
    title="BIRD hangs",
    what="BIRD hangs",
    messages={
        "hangs": "BIRD{family:same} on {node} hangs{still:same}",
    },
    meaning="The process is there and takes connections on its control socket, and answers nothing: `i/o timeout` "
    "(calicoctl, node/status.go). Its peers keep the sessions until their hold time is over, 240 s with BIRD's own "
    "value, and then drop its routes.",
    evidence="The node's own answer to calicoctl. Likely.",
    look_alikes="A host under such a load that BIRD gets no turn. `ps` tells.",
    mending="A restart of calico-node there, at once.",
    no_demo="No demo shows it: a simulated BIRD answers, or is not there.",
)
def bird_hangs(case: Case) -> Iterator[Candidate]:
    """One per node; the family where only one of its BIRDs hangs."""
    for member in case.cluster.members:
        messages = hanging(member)
        if messages or hung_up(member.failure):
            yield _of(case, member, messages)


def _of(case: Case, member: Member, messages: dict[Family, str]) -> Candidate:
    name = member.name
    families = {s.family for _, s in case.about(NodeSubject, "daemon-unreachable") if s.node == name}
    family = only_family(families)
    up = case.up_keys(name, family)
    down = case.bad_keys(name, family)
    label = "" if family is None else f" for {family.label}"
    still = (
        f"; {told_by(case, name, up)} for no longer than the hold time (240 s unless set otherwise)"
        if up
        else f"; {count(len(down), 'session')} with it are down"
        if down
        else ""
    )
    evidence = (*messages.values(), *((member.failure.message,) if member.failure is not None else ()))
    return Candidate(
        kind="bird-hangs",
        subjects=(NodeSubject(node=name, family=family),),
        title=Words("hangs", family=label, node=name, still=still),
        explanation="It takes connections on its control socket and answers nothing, so it learns and announces "
        "nothing either. When the hold time of its peers is over they drop its routes.",
        confidence=Confidence.LIKELY,
        explains=case.explained_by(down)
        | case.of_node(name, "daemon-unreachable", "answer-incomplete", "node-unreadable", "isolated-node"),
        evidence=(*evidence, *rows_about(case, name, down)),
        keys=down,
        routes_lost=0 if up else None,
        costs="none yet: it goes on with the routes that it had, until its peers' hold time is over" if up else None,
        decide=(
            decision(
                "ps -o pid,stat,wchan:20,etime,args -C bird,bird6",
                name,
                ("T", "it was stopped by a signal or a debugger"),
                ("D", "it waits for a disk or the kernel"),
                ("R, or S", "it is busy or hangs by itself: look at its log"),
            ),
        ),
        fixes=(
            case.pods.restart(
                name, f"restart calico-node on {name} now: nothing else ends this, and its routes go soon"
            ),
        ),
    )
