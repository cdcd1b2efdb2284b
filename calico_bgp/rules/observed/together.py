"""One peer that many nodes lack, or have although nothing asks for it, as one draft. The rules are in sessions.py."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from ipaddress import ip_address

from calico_bgp.cluster.cluster import Cluster
from calico_bgp.cluster.sessions.nodes_lacking import nodes_lacking
from calico_bgp.cluster.sessions.reasons import asked_for_evidence, row_text
from calico_bgp.cluster.sessions.session import SessionKey, far_name
from calico_bgp.model.peer import Family, Peer
from calico_bgp.model.reports.report import Severity
from calico_bgp.model.reports.subject import AddressSubject, NodeSubject, SessionSubject
from calico_bgp.rules.rule import Draft

_SHOWN = 5


def lacked_by_many(cluster: Cluster, keys: Collection[SessionKey]) -> dict[tuple[Family, str], list[SessionKey]]:
    """Of sessions that nobody shows those with an external peer that several nodes lack: (family, address) → keys."""
    keys_of: dict[tuple[Family, str], list[SessionKey]] = defaultdict(list)
    for key in keys:
        for far in (key.a, key.b):
            if far not in cluster.by_name:
                keys_of[key.family, far].append(key)
    return {peer: of_peer for peer, of_peer in keys_of.items() if len(of_peer) > 1}


def lacked_draft(cluster: Cluster, family: Family, far: str, keys: list[SessionKey]) -> Draft:
    """That several nodes lack one external peer, and how many should have it."""
    lacking = sorted(key.far(far) for key in keys)
    expected = [key for key in cluster.expected if far in {key.a, key.b}]
    unread = sum(cluster.by_name[key.far(far)].reading is None for key in expected)
    key, nodes = "lacked-by-some", len(expected)
    if len(lacking) == len(expected) - unread:
        key, nodes = "lacked-by-all-read" if unread else "lacked-by-all", len(lacking)
    # The resource first: a report shows few lines.
    evidence = (*asked_for_evidence(cluster, keys[0]), *(f"{name} shows no row for it" for name in lacking[:_SHOWN]))
    return Draft(
        AddressSubject(address=ip_address(far)),
        key,
        evidence,
        cluster.pods.follow_resources(lacking[0]),
        lacking=len(lacking),
        nodes=nodes,
        far=far,
        family=family,
        names=lacking,
    )


def unasked_drafts(cluster: Cluster) -> Iterator[Draft]:
    """Rows that nothing asks for, of nodes that deviate in nothing else: one finding per far end.

    Several far ends at one node are rule configuration-behind's.
    """
    deviations = cluster.judged.deviations
    if deviations.is_general:
        return
    rows: dict[str, list[tuple[str, Peer]]] = defaultdict(list)
    for name, deviation in sorted(deviations.by_node.items()):
        if deviation.stranger is not None:
            rows[deviation.stranger].extend((name, row) for row in deviation.unexpected)
    for far, own_rows in sorted(rows.items()):
        names = sorted({name for name, _ in own_rows})
        if len(names) == 1:
            yield from (_unasked_by_one(cluster, name, row) for name, row in own_rows)
            continue
        address = own_rows[0][1].address
        assert address is not None  # a masked row is about nobody, so it is never one too many
        member = cluster.by_name.get(far)
        is_lacking = far in nodes_lacking(cluster)
        key = "of-no-node" if member is not None and member.resource is None else "of-several"
        yield Draft(
            AddressSubject(address=address) if member is None else NodeSubject(node=far),
            "up-with-no-node" if is_lacking else key,
            [row_text(name, row) for name, row in own_rows[:_SHOWN]],
            cluster.pods.follow_resources(names[0]),
            # Most nodes do not lag behind by chance: confd follows nowhere, or these are not the resources that run.
            Severity.ERROR if 2 * len(names) > deviations.judged and not is_lacking else None,
            nodes=names,
            far=far,
        )


def _unasked_by_one(cluster: Cluster, name: str, row: Peer) -> Draft:
    far = far_name(row, cluster.identity)
    return Draft(
        SessionSubject.between(name, far, row.family),
        "of-one",
        (row_text(name, row),),
        cluster.pods.follow_resources(name),
        node=name,
        far=far,
        type=row.peer_type,
        family=row.family,
    )
