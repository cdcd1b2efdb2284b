"""Rules about the names of hosts: one machine under two names, two machines under one, one under a wrong one."""

from __future__ import annotations

from collections.abc import Iterator

from calico_bgp import shell_words
from calico_bgp.cluster.cluster import Cluster
from calico_bgp.cluster.nodes.names import contradictions, mistaken_nodes, same_names
from calico_bgp.messages.steps import step
from calico_bgp.messages.words import some
from calico_bgp.model.reports.report import Severity
from calico_bgp.model.reports.subject import NodeSubject
from calico_bgp.rules.rule import Draft, rule


@rule(
    "host-listed-twice",
    Severity.INFO,
    title="The inventory lists one machine twice",
    meaning="Two lines of hosts.txt lead to one machine: it gives itself one name and has the same addresses. Nothing "
    "is wrong with its BGP; it is read once too often, and counts once.",
    evidence="The lines.",
    action="Leave one of the lines.",
    messages={
        "twice": "{node} stands twice in the inventory: {lines}",
        "more-often": "{node} stands {times} times in the inventory: {lines}",
    },
)
def host_listed_twice(cluster: Cluster) -> Iterator[Draft]:
    """One finding per machine."""
    for name, lines in cluster.membership.listed_twice:
        yield Draft(
            NodeSubject(node=name),
            "twice" if len(lines) == 2 else "more-often",
            (),
            step("leave one of these lines in hosts.txt"),
            node=name,
            times=len(lines),
            lines=lines,
        )


@rule(
    "node-name-twice",
    Severity.ERROR,
    title="Two machines have one node name",
    meaning="Two hosts with other addresses call themselves by one Kubernetes node name (/var/lib/calico/nodename): a "
    "machine was cloned. Calico has one Node for both, which has the address of the one that started last.",
    evidence="The name that each gives itself, and its addresses.",
    action="Give each machine a name of its own and let it join the cluster by it.",
    messages={
        "several-hosts": "{number} hosts call themselves {node}: {hosts}",
    },
)
def node_name_twice(cluster: Cluster) -> Iterator[Draft]:
    """One finding per name."""
    for name, members in same_names(cluster).items():
        yield Draft(
            NodeSubject(node=name),
            "several-hosts",
            [
                f"{member.label}: node {name}, addresses {some(member.reading.addresses)}"
                for member in members
                if member.reading is not None
            ],
            step("cat /var/lib/calico/nodename, and hostname, on each of them"),
            number=len(members),
            node=name,
            hosts=[member.label for member in members],
        )


@rule(
    "node-contradicts-inventory",
    Severity.WARNING,
    title="A host is another node than the inventory says",
    meaning="hosts.txt says `node=` for the host, and the machine that answers there gives itself another name "
    "(/var/lib/calico/nodename): lines were mixed up, or the address belongs to another machine by now. The report "
    "goes by what the machine says. Where no other host is the node that the inventory means, that node was not read, "
    "and the verdict is `unknown` (exit code 3) or worse.",
    evidence="The line of the inventory, and the name that the machine gives itself.",
    action="Correct `node=` or the address in hosts.txt; find out where the node is that is missing now.",
    messages={
        "other-node": "{host} is {says} by its own word, not {meant} as the inventory says",
        "meant-unread": "{host} is {says} by its own word, not {meant} as the inventory says; {meant} was not read",
    },
)
def node_contradicts_inventory(cluster: Cluster) -> Iterator[Draft]:
    """One finding per host."""
    unread = mistaken_nodes(cluster)
    twice = same_names(cluster)
    for host, says in contradictions(cluster):
        if says in twice:
            continue  # rule node-name-twice tells more
        place = f"{host.source}:{host.line}: " if host.line is not None else ""
        yield Draft(
            NodeSubject(node=says),
            "meant-unread" if host.node in unread else "other-node",
            (f"{place}{host.label} node={host.node}", f"{host.label} has {says} in /var/lib/calico/nodename"),
            (
                step("on {host}: cat /var/lib/calico/nodename", host=shell_words.quote(host.label)),
                step("then correct hosts.txt"),
            ),
            host=host.label,
            says=says,
            meant=host.node,
        )
