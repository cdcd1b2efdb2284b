"""Causes where one node alone was read, and nothing comes to it: nobody says whether it or its peers are cut off."""

from __future__ import annotations

from collections.abc import Iterator

from calico_bgp.causes.candidate import Candidate
from calico_bgp.causes.case import Case
from calico_bgp.causes.cause import also
from calico_bgp.causes.network.hosts import network_fix, ping
from calico_bgp.causes.nodes.machines import dead_nodes
from calico_bgp.causes.nodes.young import young_keys
from calico_bgp.causes.signals import NOTHING_COMES, Signal
from calico_bgp.causes.words import rows_about
from calico_bgp.messages.declared import Words
from calico_bgp.model.peer import Family
from calico_bgp.model.reports.cause import Confidence
from calico_bgp.model.reports.subject import NodeSubject

#: Of a single peer nobody can say whose fault it is.
_FEWEST = 2


@also("host-network-cut")
def alone(case: Case) -> Iterator[Candidate]:
    """The one node whose table is given, all of whose peers are silent; its own fault explains them all."""
    read = [member for member in case.cluster.members if member.reading is not None]
    if len(read) != 1 or dead_nodes(case):
        return
    name = read[0].name
    up = case.up_keys(name)
    for family in Family if up else (None,):
        keys = case.bad_keys(name, family)
        signals = case.all_signals(keys)
        fars = {key.far(name) for key in keys}
        if len(fars) < _FEWEST or any(key.family is family for key in up) or keys <= young_keys(case):
            continue
        if not signals <= NOTHING_COMES or signals <= {Signal.SILENT}:
            continue
        yield Candidate(
            kind="host-network-cut",
            subjects=(NodeSubject(node=name, family=family),),
            title=Words(
                "alone", node=name, peers=len(fars), family=None if family is None else f" over {family.label}"
            ),
            explanation="One fault at the node, in its link, VLAN, routes, firewall or address, explains all of it; so "
            "does one at all the others. The table of one of its peers tells.",
            confidence=Confidence.POSSIBLE,
            explains=case.explained_by(keys),
            evidence=rows_about(case, name, keys),
            keys=keys,
            decide=(ping(case, min(keys), on=name),),
            fixes=(network_fix(case, keys, f"of {name}"),),
        )
