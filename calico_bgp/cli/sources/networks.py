"""The sessions that `reach` and `risks` ask about: those that were observed, or with resources alone those expected.

Nothing here judges or shows.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

import click

from calico_bgp.auditing.ambiguous_pastes import open_questions
from calico_bgp.cli.sources.source import Source, require_one
from calico_bgp.cluster.cluster import Cluster, observe
from calico_bgp.cluster.expected import version_of
from calico_bgp.errors import CalicoBGPError
from calico_bgp.expect.engine import Expectation
from calico_bgp.expect.version import NEWEST, CalicoVersion
from calico_bgp.model.peer import Family, PeerType
from calico_bgp.model.resources import Resources
from calico_bgp.near_names import or_which
from calico_bgp.report.audit.unknowns import NOTHING, Unknowns
from calico_bgp.report.text.names import compress_names, short_names
from calico_bgp.report.text.sanitize import plain
from calico_bgp.routes.network.classes.equal_nodes import expect_representatives
from calico_bgp.routes.network.from_expected import expected_network
from calico_bgp.routes.network.from_observed import observed_network
from calico_bgp.routes.network.network import Network
from calico_bgp.routes.network.pools import PoolFate, pool_fates
from calico_bgp.sources.gather import GatherInterrupted


class Networks(NamedTuple):
    """What was asked about.

    Attributes:
        networks: One per family in use.
        resources: Calico's resources, None without any.
        pools: What becomes of the IPPools; None without resources.
        unknowns: Who was not read, and what else is not known.
        interrupted: Whether Ctrl-C ended the reading.
        version: Of Calico.
        cluster: What was read; None where only resources were.
    """

    networks: tuple[Network, ...]
    resources: Resources | None
    pools: tuple[PoolFate, ...] | None
    unknowns: Unknowns = NOTHING
    interrupted: bool = False
    version: CalicoVersion = NEWEST
    cluster: Cluster | None = None


def read_networks(source: Source, families: Collection[str], version: CalicoVersion | None) -> Networks:
    """Read the source; every session of resources that come alone is taken as Established.

    Args:
        source: Where the nodes' tables and the resources are.
        families: Those that are wanted; all when empty.
        version: Of Calico; None for what the nodes say, else the newest.

    Raises:
        click.UsageError: No source or two, or a family that is not in use.
        CalicoBGPError: The source cannot be read, or says nothing about any node.
    """
    if source.resources.paths and not source.is_named:
        read = _expected(source, version)
    else:
        require_one(source, resources_suffice=True)
        read = _observed(source, version)
    if not families or not read.networks:
        return read
    networks = tuple(network for network in read.networks if network.family in families)
    if not networks:
        labels = " and ".join(network.family.label for network in read.networks)
        raise click.UsageError(f"no node speaks BGP over that family; there is {labels}.")
    return read._replace(networks=networks)


def _expected(source: Source, version: CalicoVersion | None) -> Networks:
    of_files = source.resources.from_files
    assert of_files is not None
    resources = of_files.resources
    if resources is None or not resources.nodes:
        raise CalicoBGPError("there is no Node in these resources, so nobody could have a route; give the nodes, too.")
    version = version or NEWEST
    expectation = expect_representatives(resources, version)
    networks = [expected_network(expectation, family) for family in Family]
    used = tuple(network for network in networks if network.speakers)
    if not used:
        raise CalicoBGPError("no Node in these resources has a BGP address, so none speaks BGP.")
    unknowns = Unknowns(doubts=tuple(_doubts(expectation)))
    return Networks(used, resources, pool_fates(resources, version=version), unknowns, version=version)


def _doubts(expectation: Expectation) -> Iterator[str]:
    """Why the resources alone do not say what BIRD runs."""
    refused = {refusal.node for refusal in expectation.refusals}
    if refused:
        yield f"BIRD refuses the configuration of {short_names(refused)}"
    if expectation.conflicts:
        yield "BGPPeers contradict each other"


def _observed(source: Source, version: CalicoVersion | None) -> Networks:
    interrupted = False
    try:
        snapshot = source.read()
    except GatherInterrupted as stop:
        snapshot, interrupted = stop.snapshot, True
    cluster = observe(snapshot, version=version)
    networks = tuple(network for family in Family if (network := observed_network(cluster, family)).speakers)
    resources = snapshot.resources
    version = version or version_of(snapshot)
    pools = None if resources is None else pool_fates(resources, version=version)
    doubts: tuple[str, ...] = ()
    if snapshot.resources_failure is not None:
        doubts = ("Calico's resources could not be read",)
    elif resources is not None and not resources.nodes:
        doubts = ("there is no Node in Calico's resources",)
    doubts += tuple(open_questions(cluster))
    return Networks(networks, resources, pools, Unknowns(_unread(cluster), doubts), interrupted, version, cluster)


def _unread(cluster: Cluster) -> tuple[tuple[str, str], ...]:
    snapshot = cluster.snapshot
    nodes_and_reasons = [(failure.node or failure.host, failure.message) for failure in snapshot.failures]
    nodes_and_reasons += [
        (reading.name, "the answer was cut short") for reading in snapshot.readings if not reading.complete
    ]
    if not snapshot.complete:
        hosts_with_result = {reading.host for reading in snapshot.readings} | {
            failure.host for failure in snapshot.failures
        }
        nodes_and_reasons += [
            (host.node or host.label, "not asked") for host in snapshot.hosts if host.label not in hosts_with_result
        ]
    if not snapshot.limited:
        unlisted = [member.name for member in cluster.members if member.is_unlisted and not member.is_unreadable]
        nodes_and_reasons += [(name, "only Calico's resources name it") for name in unlisted]
    return (*nodes_and_reasons, *max((_missing(cluster, family) for family in Family), key=len))


def _missing(cluster: Cluster, family: Family) -> list[tuple[str, str]]:
    """Neighbours that must be nodes and are none that is known.

    A mesh peer is a node. Any other may be a switch - but of a paste nobody says which nodes there are. Addresses may
    be those of pastes that look alike, so that only their number tells.
    """
    snapshot = cluster.snapshot
    if snapshot.limited:
        return []  # only a part was asked about
    no_inventory = not snapshot.hosts and snapshot.resources is None
    addresses = {
        row.address_text
        for member in cluster.members
        for row in member.rows(family)
        if row.address not in cluster.identity.owner and row.peer_type is not PeerType.LOCAL_WORKLOAD
        if row.peer_type is PeerType.MESH or no_inventory
    }
    # A node never peers with its own address.
    own = [cluster.by_name[name].rows(family) for name in cluster.identity.unplaced[family]]
    unplaced = sum(not addresses.issubset(row.address_text for row in rows) for rows in own)
    if not unplaced:
        return [(address, "a neighbour whose own table is not there") for address in addresses]
    number = max(len(addresses) - unplaced, 0)
    why = f"{number} of the neighbours {compress_names(addresses)}, whose own table is not there"
    return [("unknown node", why)] * number


def refuse_unknown(option: str, names: Iterable[str], nodes: Collection[str]) -> None:
    """A node that is not there must not look like one whose loss is harmless.

    Raises:
        click.UsageError: It names the one that was probably meant, or those that there are.
    """
    for name in names:
        if name not in nodes:
            raise click.UsageError(plain(f"{option}: no node is called '{name}'{or_which(name, nodes)}"))
