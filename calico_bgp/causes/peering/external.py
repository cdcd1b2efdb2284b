"""Causes outside the nodes: an external peer that is down for everyone, a restart that goes on, no BGP at all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from calico_bgp import shell_words
from calico_bgp.causes.addresses.stale import peers_naming, stale_addresses
from calico_bgp.causes.candidate import Candidate
from calico_bgp.causes.case import Case
from calico_bgp.causes.cause import also, cause
from calico_bgp.causes.peering.strangers import perhaps_a_node
from calico_bgp.causes.signals import NOTHING_COMES, Signal
from calico_bgp.causes.words import rows_about
from calico_bgp.cluster.expected import version_of
from calico_bgp.cluster.sessions.session import SessionKey
from calico_bgp.messages.declared import Words
from calico_bgp.messages.pod_commands import decision
from calico_bgp.model.peer import Address
from calico_bgp.model.reports.cause import Confidence, Fix, Risk
from calico_bgp.model.reports.check import AuditAgain
from calico_bgp.model.reports.report import Finding
from calico_bgp.model.reports.subject import AddressSubject, ClusterSubject, NodeSubject
from calico_bgp.model.resources import IPPool
from calico_bgp.model.routes.bird_reading import BirdReading
from calico_bgp.routes.network.pools import pools_in_need_of_bird
from calico_bgp.upstream import POD_SELECTOR

#: BIRD's own graceful-restart recovery ends after this time at the latest (nest/proto.c, graceful restart wait).
RECOVERY = timedelta(seconds=240)
#: For a machine that was busy when BIRD started.
_SLACK = timedelta(minutes=1)

_STORY = {
    Signal.REFUSED: "it answers and refuses: its BGP is down or does not expect these nodes",
    Signal.RESET: "it resets the connection: it does not expect these nodes, or something inspects what flows",
    Signal.CLOSED: "it closes the connection: it does not expect these nodes",
    Signal.STOPPED_THERE: "it shut the sessions down on purpose",
    Signal.DECONFIGURED_THERE: "its configuration lost these nodes",
    Signal.BAD_AS: "the AS numbers do not fit",
    Signal.UNREACHABLE: "there is no way to it",
}


@cause(
    "external-peer-down",
    title="An external peer is down for every node",
    what="external peer down",
    messages={
        "down": "the external peer {peer} is down for {nodes:every node} that peer with it: {story:same}",
        "perhaps": "{peer}, an external peer or {node:same}, is down for {nodes:every node} that peer with it: "
        "{story:same}",
    },
    meaning="A top-of-rack switch or router has no session with any of the nodes that peer with it.",
    evidence="The rows of all these nodes. Likely with two or more.",
    look_alikes="The network before it.",
    mending="That device.",
    demos=("tor-down",),
)
def external_peer_down(case: Case) -> Iterator[Candidate]:
    """An address outside the cluster that no node has Established."""
    for finding, subject in case.about(AddressSubject, "external-peer-down"):
        if subject.address in stale_addresses(case):
            continue  # it was a node of the cluster: see addresses/stale.py
        address = str(subject.address)
        keys = case.bad_keys(address)
        counted = Counter(signal for key in keys for signal in case.signals[key].both)
        most = next((signal for signal, _ in counted.most_common() if signal in _STORY), None)
        fars = {key.far(address) for key in keys}
        node = perhaps_a_node(case, keys)
        silent = bool(counted) and set(counted) <= NOTHING_COMES
        story = _STORY[most] if most is not None else ("it does not answer" if silent else "see its own log")
        yield Candidate(
            kind="external-peer-down",
            subjects=(subject,),
            title=Words("down", peer=address, nodes=len(fars), story=story)
            if node is None
            else Words("perhaps", peer=address, node=node, nodes=len(fars), story=story),
            explanation="A top-of-rack switch or router that several nodes lose at once is itself the cause, or what "
            "lies before it. What is reached through it is lost with it." + _doubts(case, subject.address),
            confidence=Confidence.LIKELY if len(fars) > 1 else Confidence.POSSIBLE,
            explains=frozenset({finding.id}) | case.explained_by(keys),
            evidence=rows_about(case, address, keys),
            keys=keys,
            decide=(
                decision(
                    f"ping -c 3 {shell_words.quote(address)}",  # its zone (`fe80::1%eth0`) may be any text
                    min(fars, default=None),
                    ("answers", "the device is up: look at its BGP and at its log"),
                    ("no answer", "the device or the way to it is down"),
                ),
            ),
            fixes=(
                Fix(
                    label="look at peer",
                    summary=f"look at {address} itself; no command in the cluster fixes it"
                    if node is None
                    else f"find out what {address} is: of a node read or paste its own answer, which tells more; of a "
                    "device outside no command in the cluster fixes it",
                    risk=Risk.NONE,
                ),
            ),
        )


def _doubts(case: Case, address: Address) -> str:
    """What in the cluster may be wrong instead: the BGPPeer that names the address, or the address was a node's."""
    peers = peers_naming(case.configured, address)
    if not peers:
        return " Was it a node, such as a route reflector that moved? Then the BGPPeer's peerIP is stale."
    names = ", ".join(
        f"BGPPeer {p.name} (peerIP {p.peer_ip}, asNumber {p.as_number}{', with a password' if p.has_password else ''})"
        for p in peers
    )
    return f" {names} may be wrong as well: the address, the AS number, or a password at one end only."


@cause(
    "graceful-restart",
    title="BIRD has just restarted and recovers",
    what="BIRD just restarted",
    messages={
        "recovers": "BIRD on {node} has just restarted and recovers: wait, do not repair",
        "overdue": "BIRD on {node} runs for {minutes} min and still recovers from its restart, which takes 4 at most: "
        "it announces none of its own routes",
    },
    meaning="Protocol state `wait`: until its peers have sent their routes, at most 240 s, it announces none of its "
    "own.",
    evidence="The rows of the node: certain. That it does not end, BIRD's own clock and the time of its start: likely.",
    look_alikes="bird-hangs, where it does not answer any more.",
    mending="Wait. Where BIRD recovers for longer than that by its own clock: a restart.",
    demos=("restarting",),
)
def graceful_restart(case: Case) -> Iterator[Candidate]:
    """A BIRD that has just started: it ends by itself."""
    for finding, subject in case.about(NodeSubject, "graceful-restart"):
        name = subject.node
        member = case.member(name)
        reading = member.reading if member is not None else None
        taken_at = (reading.taken_at if reading is not None else None) or case.cluster.now
        keys = frozenset(key for key in case.cluster.judged.recovering if name in {key.a, key.b})
        runs_for = None if reading is None else _recovering_for(reading.birds)
        if runs_for is not None and runs_for > RECOVERY + _SLACK:
            yield _overdue(case, finding, name, keys, runs_for)
            continue
        until = None if taken_at is None else taken_at + RECOVERY
        yield Candidate(
            kind="graceful-restart",
            subjects=(subject,),
            title=Words("recovers", node=name),
            explanation="Until all its peers have sent their routes, at most 240 s, it announces none of its own. "
            "Another restart would begin that anew.",
            confidence=Confidence.CERTAIN,
            explains=frozenset({finding.id}) | case.of_node(name, "recently-changed"),
            evidence=finding.evidence,
            keys=keys,
            fixes=(
                Fix(
                    label="wait",
                    summary="wait; it ends by itself" + (f" at {until:%H:%M:%S %Z} at the latest" if until else ""),
                    risk=Risk.NONE,
                    check=AuditAgain(wait="5m"),
                    wait_until=until,
                ),
            ),
            costs=f"others do not learn the routes of {name} anew until then; those that they had they keep",
        )


def _recovering_for(birds: Collection[BirdReading]) -> timedelta | None:
    """How long a BIRD that says that it recovers has run, by its own clock; None where none says so with both times.

    The rows say when each session came to `wait`, by the clock of the node, which may have been set since.
    """
    for bird in birds:
        if bird.is_recovering and bird.server_time is not None and bird.last_reboot is not None:
            with suppress(ValueError):
                return datetime.fromisoformat(bird.server_time) - datetime.fromisoformat(bird.last_reboot)
    return None


def _overdue(case: Case, finding: Finding, name: str, keys: frozenset[SessionKey], runs_for: timedelta) -> Candidate:
    return Candidate(
        kind="graceful-restart",
        subjects=(finding.subject,),
        title=Words("overdue", node=name, minutes=int(runs_for.total_seconds() // 60)),
        explanation="BIRD ends its recovery 240 s after its start, whoever is missing then. Its timers do not run.",
        confidence=Confidence.LIKELY,
        explains=frozenset({finding.id}) | case.of_node(name, "recently-changed"),
        evidence=finding.evidence,
        keys=keys,
        fixes=(case.pods.restart(name, f"restart calico-node on {name}: its BIRD begins anew"),),
        costs=f"others do not learn the routes of {name} anew; those that they had they keep",
        what="BIRD does not end recovery",
    )


@cause(
    "no-bgp",
    title="The cluster does not use BGP: nothing is wrong",
    what="cluster does not use BGP",
    messages={
        "unused": "the cluster does not use BGP: nothing is wrong with it",
    },
    meaning="BIRD runs on no node, as with CALICO_NETWORKING_BACKEND=vxlan or none.",
    evidence="No node runs BIRD and nothing asks for it; certain where every IPPool is VXLAN.",
    look_alikes="A BGP cluster whose BIRD is dead everywhere, where neither BGPPeers nor roles say that it is one.",
    mending="Nothing.",
    no_demo="It is no fault: `calico-bgp lab up --topology no-bgp` is such a cluster.",
)
@also("bird-down")
def no_bgp(case: Case) -> Iterator[Candidate]:
    """No BIRD runs, and nothing asks for one: the cluster uses VXLAN, or Calico for policy only."""
    for finding in case.of("no-bgp"):
        snapshot = case.cluster.snapshot
        if pools_in_need_of_bird(snapshot.resources, version=version_of(snapshot)):
            yield _dead_everywhere(finding)
        else:
            yield _unused(finding, snapshot.resources.ip_pools if snapshot.resources is not None else ())


def _unused(finding: Finding, pools: Sequence[IPPool]) -> Candidate:
    modes = {pool.vxlan_mode for pool in pools if not pool.disabled}
    vxlan = bool(modes) and modes <= {"Always", "CrossSubnet"}
    return Candidate(
        kind="no-bgp",
        subjects=(ClusterSubject(),),
        title=Words("unused"),
        explanation="BIRD runs on no node. With CALICO_NETWORKING_BACKEND=vxlan (or none) that is how it should "
        "be: Felix programs the routes of VXLAN pools itself.",
        confidence=Confidence.CERTAIN if vxlan else Confidence.LIKELY,
        explains=frozenset({finding.id}),
        evidence=tuple(f"IPPool {pool.name}: vxlanMode {pool.vxlan_mode}" for pool in pools[:5]),
        decide=(
            decision(
                "kubectl get ippools -o yaml",
                None,
                ("vxlanMode: Always or CrossSubnet on every pool", "nothing is wrong"),
                ("ipipMode, or neither", "the cluster needs BGP, and BIRD is dead everywhere"),
            ),
        )
        if not vxlan
        else (),
        fixes=(Fix(label="nothing", summary="nothing is to be done", risk=Risk.NONE),),
    )


def _dead_everywhere(finding: Finding) -> Candidate:
    return Candidate(
        kind="bird-down",
        subjects=(ClusterSubject(),),
        title=Words("nowhere"),
        explanation="Nobody else programs the routes to the pods of that pool. Only where another network carries them "
        "(CALICO_NETWORKING_BACKEND=none, policy only) nothing is wrong.",
        confidence=Confidence.POSSIBLE,
        explains=frozenset({finding.id}),
        evidence=(finding.message, *finding.evidence),
        decide=(
            decision(
                f"kubectl get daemonsets -A -l {POD_SELECTOR} -o yaml | grep -A 5 NETWORKING_BACKEND",
                None,
                ("bird, or nothing", "BIRD should run: the log of calico-node says why it does not"),
                ("none, and another network carries the pods", "nothing is wrong"),
                ("vxlan", "the IPPool has to say vxlanMode: Always, or the backend has to be bird"),
                ("valueFrom a ConfigMap", "look there (calico_backend)"),
            ),
        ),
        fixes=(
            Fix(
                label="read log",
                summary="find out why BIRD does not run, in the log of any calico-node; nothing of one node fixes it",
                risk=Risk.NONE,
            ),
        ),
    )
