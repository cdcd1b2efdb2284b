"""What to look at and to do about a node's BGP port, for the families of causes that lie there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection

from calico_bgp.causes.case import Case
from calico_bgp.causes.words import host_of
from calico_bgp.cluster.sessions.dialled import dialled, port_of
from calico_bgp.cluster.sessions.ports import ListenPort
from calico_bgp.cluster.sessions.session import SessionKey
from calico_bgp.messages.pod_commands import decision
from calico_bgp.model.reports.cause import Decision, Fix, Risk
from calico_bgp.upstream import BGP_PORT


def dialled_port(case: Case, name: str, keys: Collection[SessionKey]) -> ListenPort:
    """The port of the node that its peers dial: the one in their rows, where they carry one, else the resources'."""
    ports = Counter(dialled(case.cluster, key, name) for key in sorted(keys))
    return ports.most_common(1)[0][0] if ports else port_of(case.cluster, name)


def unusual(port: ListenPort) -> str:
    """The port and what sets it, where it is not BGP's own."""
    return "" if port.number == BGP_PORT and port.set_by is None else f" {port}"


def who_listens(name: str, port: ListenPort) -> Decision:
    """Ask which program has the port."""
    return decision(
        f"sudo ss -Hltnp 'sport = :{port.number}'",
        name,
        ("bird", "BIRD listens: a firewall is in the way"),
        ("another program", "it holds BIRD's port"),
        ("nothing", "BIRD listens nowhere, or on another port: compare listenPort of the BGPConfiguration"),
    )


def firewall(name: str, port: ListenPort) -> Decision:
    """Ask whether the host's own firewall drops or rejects what comes to the port."""
    return decision(
        "sudo sh -c 'nft list ruleset; iptables-save; ip6tables-save' "
        f"| grep -nE 'dport(s)? .*{port.number}|policy drop'",
        name,
        (f"a rule that drops or rejects port {port.number}", "that rule is it"),
        ("none", "the firewall is not on the host: look at security groups and at what lies between"),
    )


def port_from_peer(case: Case, name: str, keys: Collection[SessionKey], port: ListenPort) -> Decision:
    """Ask from a peer whether the port is open."""
    key = min(keys)
    far = key.far(name)
    return decision(
        f"nc -vz -w 3 {host_of(case, name, key.family)} {port.number}",
        far,
        ("timed out", "packets are dropped on the way, or at the host"),
        ("succeeded", f"the port is open now: audit again ({far} dials every few seconds)"),
    )


def port_at_peer(case: Case, name: str, keys: Collection[SessionKey]) -> Decision:
    """Ask whether the node reaches the port of a peer that it dials."""
    key = min(keys)
    far = key.far(name)
    return decision(
        f"nc -vz -w 3 {host_of(case, far, key.family)} {dialled(case.cluster, key, far).number}",
        name,
        ("timed out", f"packets to {far}, or its answers, are dropped on the way or at the host"),
        ("succeeded", f"the port is open now: audit again ({name} dials every few seconds)"),
    )


def open_port(name: str, port: ListenPort, *, outgoing: bool = False) -> Fix:
    """What is to be done about a firewall before the port; `outgoing` where the node's peers have the port."""
    which = f"from {name} to every peer" if outgoing else f"to {name} from every peer"
    return Fix(
        label="open firewall",
        summary=f"let TCP port {port} through {which}, in both directions; nothing in Calico's resources fixes a "
        "firewall of the host",
        risk=Risk.NONE,
    )
