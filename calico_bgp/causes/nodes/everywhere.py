"""No session is up and all rows have one error: the fault is common to all nodes."""

from __future__ import annotations

from collections.abc import Iterator

from calico_bgp.causes.candidate import Candidate
from calico_bgp.causes.case import Case
from calico_bgp.causes.cause import cause
from calico_bgp.causes.network.silence import living_keys
from calico_bgp.causes.nodes.young import young_keys
from calico_bgp.causes.signals import NOTHING_COMES, Signal
from calico_bgp.causes.words import host_of, rows_of, tcp_port
from calico_bgp.cluster.sessions.dialled import dialled
from calico_bgp.cluster.sessions.session import SessionKey
from calico_bgp.messages.declared import Words
from calico_bgp.messages.pod_commands import decision
from calico_bgp.model.peer import Family
from calico_bgp.model.reports.cause import Confidence, Decision, Fix, Risk
from calico_bgp.model.reports.subject import ClusterSubject

#: Fewest nodes for which a common cause is likelier than one of their own.
_FEWEST_NODES = 3
_STORIES = {
    Signal.REFUSED: "connections are refused everywhere: a firewall that rejects, or BIRD listens on another port",
    Signal.RESET: "connections are reset everywhere: something inspects what flows",
    Signal.UNREACHABLE: "no host reaches another: the network that they share is down, or their routes are gone",
}


@cause(
    "all-sessions-down",
    title="No session is up anywhere, and all say the same",
    what="no session is up",
    messages={
        "none_up": "none of {sessions:count session} of {nodes:count node}{family:same} is up, and {story:same}",
    },
    meaning="All nodes run BIRD and have their peers, and none reaches another: what went wrong is common to all, "
    "such as a security group, a HostEndpoint policy without TCP port 179, or a firewall rolled out everywhere.",
    evidence="No session is Established on three nodes or more, and every row tells one story. Possible.",
    look_alikes="The network itself; `nc` and `ping` between two nodes tell.",
    mending="TCP port 179 between all nodes, both ways.",
    no_demo="No demo shows it: the faults of the lab are those of some nodes, and this one is everywhere.",
)
def all_down(case: Case) -> Iterator[Candidate]:
    """Three nodes or more that run BIRD, no session that is up, and one story in all rows."""
    up = {family for families in case.families_up.values() for family in families}
    for family in [one for one in case.cluster.families if one not in up] if up else [None]:
        yield from _all_down(case, family)


def _all_down(case: Case, family: Family | None) -> Iterator[Candidate]:
    """The same for one family, where the other one has sessions that are up; None for both families."""
    keys = frozenset(key for key in living_keys(case) if family in {None, key.family})
    bad = frozenset(key for key in case.cluster.judged.bad if family in {None, key.family})
    # Unread nodes do not count: they may have sessions with each other.
    nodes = {name for key in keys for name in (key.a, key.b) if case.is_read(name)}
    if 2 * len(nodes) <= len(case.cluster.members):
        return
    if len(nodes) < _FEWEST_NODES or len(keys) < len(bad) or keys <= young_keys(case):
        return
    story = _common_story(case, keys)
    if story is None:
        return
    yield Candidate(
        kind="all-sessions-down",
        subjects=(ClusterSubject(family=family),),
        title=Words(
            "none_up",
            sessions=len(bad),
            nodes=len(nodes),
            family=None if family is None else f" over {family.label}",
            story=story,
        ),
        explanation="All that were read run BIRD and have their peers, so nothing that one of them did: a security "
        "group, a network policy for hosts (HostEndpoint), a firewall rolled out to all, or the network itself.",
        confidence=Confidence.POSSIBLE,
        explains=_findings_of_sessions(case, bad, family),
        evidence=rows_of(case, keys),
        keys=keys,
        decide=(_is_port_open(case, min(keys)),),
        fixes=(
            Fix(
                label="open firewall",
                summary=f"let {tcp_port(case, keys)} through between all nodes, in both directions; look what was "
                "changed when the sessions went (SINCE)",
                risk=Risk.NONE,
            ),
        ),
    )


def _findings_of_sessions(case: Case, bad: frozenset[SessionKey], family: Family | None) -> frozenset[str]:
    """All findings that speak of sessions that are down; of a single family those that speak of no other."""
    return frozenset(
        finding.id
        for finding in case.findings
        if case.keys_of[finding.id]
        and finding.rule != "node-unreadable"
        and (family is None or case.keys_of[finding.id] <= bad)
    )


def _is_port_open(case: Case, key: SessionKey) -> Decision:
    return decision(
        f"nc -vz -w 3 {host_of(case, key.b, key.family)} {dialled(case.cluster, key, key.b).number}",
        key.a,
        ("refused or timed out", "a firewall between all nodes; what was rolled out when the sessions went?"),
        ("succeeded", "the port is open: see what BIRD's log says on both ends"),
    )


def _common_story(case: Case, keys: frozenset[SessionKey]) -> str | None:
    """What happened to all of these sessions, in words; None where they do not all say one thing."""
    errors = case.all_signals(keys) - {Signal.SILENT}
    if Signal.RECONFIGURED_THERE in errors:
        return None  # the nodes' configuration changed, not the network: see peering/passwords.py
    if errors <= NOTHING_COMES - {Signal.UNREACHABLE}:
        return f"nothing comes from anywhere: {tcp_port(case, keys)} is dropped everywhere, or the network is down"
    telling = errors - NOTHING_COMES
    if not telling:
        return _STORIES[Signal.UNREACHABLE]
    return _STORIES.get(next(iter(telling))) if len(telling) == 1 else None
