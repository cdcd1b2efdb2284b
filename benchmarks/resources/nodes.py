"""`python -m benchmarks resources`: Nodes of a cluster of 5,000 to typed values, against loading and then searching.

What the text holds is the same for all; the rivals know no lines, check no types and notice no key that stands twice.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from ipaddress import ip_address
from typing import Any

import yaml

from benchmarks.harness import Target, compare
from benchmarks.resources.corpora import calico_nodes, kubernetes_nodes
from calico_bgp.model.resources import CalicoNode, Resources
from calico_bgp.parse.resources.reader import parse_resources

OURS, JSON, YAML = "calico_bgp", "json.loads", "yaml.load, CSafeLoader"
JSON_NODES, YAML_NODES = f"{JSON}, CalicoNode", f"{YAML}, CalicoNode"


def _loaded_yaml(text: str) -> Any:
    return yaml.load(text, Loader=yaml.CSafeLoader)


def _nodes(document: Any) -> Resources:
    """What one would write first: search what was loaded."""
    nodes = []
    for item in document["items"]:
        metadata, addresses = item["metadata"], item.get("status", {}).get("addresses")
        own = item["spec"].get("bgp", {}).get("ipv4Address")
        text = own or metadata["annotations"].get("projectcalico.org/IPv4Address")
        nodes.append(
            CalicoNode(
                name=metadata["name"],
                labels=tuple(sorted(metadata["labels"].items())),
                ipv4=ip_address(text.partition("/")[0]) if text else None,
                internal_ips=tuple(
                    ip_address(entry["address"])
                    for entry in addresses or item["spec"].get("addresses", ())
                    if entry["type"] == "InternalIP"
                ),
            )
        )
    return Resources(nodes=tuple(sorted(nodes, key=lambda node: node.name)))


def _form(resources: Resources) -> list[tuple[Any, ...]]:
    return [(node.name, node.labels, node.ipv4, node.internal_ips) for node in resources.nodes]


def judged(
    title: str, text: str, load: Callable[[str], Any], names: tuple[str, str], rounds: int, *, at_most: float
) -> bool:
    """One corpus; judged against loading it and then searching."""
    bare, loaded = names
    return compare(
        f"{title} ({len(text) / 1e6:.0f} MB)",
        {
            OURS: lambda: parse_resources([("nodes", text)]),
            loaded: lambda: _nodes(load(text)),
            bare: lambda: load(text),
        },
        equal={OURS: _form, loaded: _form},
        targets=(Target(OURS, loaded, at_most=at_most),),
        rounds=rounds,
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run all; 1 when a target is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks resources", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--nodes", type=int, default=5_000)
    options = parser.parse_args(arguments)
    rounds, nodes = options.rounds, options.nodes
    calico = calico_nodes(nodes)
    small, large = json.dumps(calico, indent=2), json.dumps(kubernetes_nodes(nodes), indent=4)
    as_yaml = yaml.dump(calico, Dumper=yaml.CSafeDumper, default_flow_style=False)
    met = [
        judged(f"{nodes} nodes, calicoctl -o json", small, json.loads, (JSON, JSON_NODES), rounds, at_most=2.2),
        judged(f"{nodes} nodes, kubectl -o json", large, json.loads, (JSON, JSON_NODES), rounds, at_most=2.2),
        judged(f"{nodes} nodes, calicoctl -o yaml", as_yaml, _loaded_yaml, (YAML, YAML_NODES), 3, at_most=0.5),
    ]
    return 0 if all(met) else 1


if __name__ == "__main__":
    raise SystemExit(main())
