"""Calico's resources, as far as they decide about BGP. Values only; parse.resources reads them, expect/ applies them.

Field names are Calico's (api/pkg/apis/projectcalico/v3), in Python's spelling. Sorted tuples instead of mappings, so
that they come back from JSON as they were. A file per subject; everybody imports from here.
"""

from __future__ import annotations

from calico_bgp.model.resources.blocks import BlockAffinity
from calico_bgp.model.resources.collection import NotUnderstood, ResourceKind, Resources, SkippedFile, SkippedKind
from calico_bgp.model.resources.felix import FelixConfiguration, TableRange
from calico_bgp.model.resources.nodes import Autodetection, CalicoNode
from calico_bgp.model.resources.peers import (
    GLOBAL_CONFIG,
    NODE_CONFIG_PREFIX,
    BGPConfiguration,
    BGPPeer,
    PrefixAdvertisement,
)
from calico_bgp.model.resources.pools import IPPool

__all__ = [
    "GLOBAL_CONFIG",
    "NODE_CONFIG_PREFIX",
    "Autodetection",
    "BGPConfiguration",
    "BGPPeer",
    "BlockAffinity",
    "CalicoNode",
    "FelixConfiguration",
    "IPPool",
    "NotUnderstood",
    "PrefixAdvertisement",
    "ResourceKind",
    "Resources",
    "SkippedFile",
    "SkippedKind",
    "TableRange",
]
