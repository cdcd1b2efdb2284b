"""A cause in names: machines that call themselves alike, because one was cloned from the other."""

from __future__ import annotations

from collections.abc import Iterator

from calico_bgp.causes.addresses.facts import of_router_ids, shared_addresses
from calico_bgp.causes.candidate import Candidate
from calico_bgp.causes.case import Case
from calico_bgp.causes.cause import cause
from calico_bgp.cluster.nodes.names import same_names
from calico_bgp.messages.declared import Words
from calico_bgp.messages.pod_commands import decision
from calico_bgp.model.reports.cause import Confidence, Fix, Risk
from calico_bgp.model.reports.subject import AddressSubject, NodeSubject, SessionSubject


@cause(
    "duplicate-node-name",
    title="Two machines have one node name",
    what="one name, two machines",
    messages={
        "twice": "{hosts} call themselves by one node name, {node}",
    },
    meaning="A machine was cloned: both have one name in /var/lib/calico/nodename. Calico has one Node for the two.",
    evidence="The name and the addresses that each of them gives itself. Certain.",
    look_alikes="One machine that the inventory lists twice (rule host-listed-twice), which has the same addresses as "
    "well.",
    mending="A name of its own for the clone.",
    no_demo="No demo shows it: machines of the lab have names of their own.",
)
def duplicate_node_name(case: Case) -> Iterator[Candidate]:
    """One per name; it explains whatever is said of these machines, for nobody can tell them apart."""
    members = same_names(case.cluster)
    for finding, subject in case.about(NodeSubject, "node-name-twice"):
        name = subject.node
        names = {member.name for member in members[name]}
        shared = {address for address, owners in shared_addresses(case).items() if set(owners) <= names | {name}}
        keys = frozenset(key for each in names for key in case.bad_keys(each))
        own_findings = {
            other.id
            for other in case.findings
            if (isinstance(other.subject, NodeSubject) and other.subject.node in names)
            or (isinstance(other.subject, SessionSubject) and names & {other.subject.a, other.subject.b})
            or (isinstance(other.subject, AddressSubject) and other.subject.address in shared)
        }
        hosts = [member.host.label for member in members[name] if member.host is not None]
        yield Candidate(
            kind="duplicate-node-name",
            subjects=(NodeSubject(node=name),),
            title=Words("twice", hosts=hosts, node=name),
            explanation="The name is in /var/lib/calico/nodename. Calico has one Node by that name, so one of the two "
            "runs with the other one's resources, or writes its address into them.",
            confidence=Confidence.CERTAIN,
            explains=frozenset({finding.id}) | own_findings | case.ids("node-not-listed") | of_router_ids(case, names),
            evidence=finding.evidence,
            keys=keys,
            decide=tuple(
                decision("cat /var/lib/calico/nodename; hostname", host, (name, "it has the name of the other one"))
                for host in hosts
            ),
            fixes=(
                Fix(
                    label="rename host",
                    summary="give the cloned machine a host name of its own, and let it join the cluster anew by it",
                    risk=Risk.INTERRUPTS_TRAFFIC,
                ),
            ),
            costs="routes to the pods of one of the two lead to the other, or nowhere",
        )
