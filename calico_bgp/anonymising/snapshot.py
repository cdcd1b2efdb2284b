"""Makes a snapshot anonymous: every text of it is walked once, by what the field holds. Reads and writes nothing.

What only people read is left out (raw outputs, lines that nothing understood, files and users); what is judged is kept.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from typing import Any

from calico_bgp.anonymising.addresses import AddressMap
from calico_bgp.anonymising.names import Names
from calico_bgp.anonymising.numbers import ASNumbers
from calico_bgp.anonymising.selectors import Labels, split_taint
from calico_bgp.anonymising.texts import Texts, networks_in
from calico_bgp.model.snapshot import Snapshot
from calico_bgp.upstream import CALICO_NODE

#: Fields of fixed words, and of times: a node called `start` changes none of them.
_FIXED = frozenset(
    [
        "schema",
        "family",
        "peer_type",
        "protocol_state",
        "bgp_state",
        "state",
        "stage",
        "since",
        "kind",
        "origin",
        "role",
        "api_version",
        "api_group",
        "transport",
        "phase",
        "reason",
        "backend",
        "action",
        "operator",
        "proto",
        "class",
        "taken_at",
        "clock",
        "started_at",
        "calicoctl_version",
        "version",
        "type",
        "destination",
        "silent",
        "path",
        "ipip_mode",
        "vxlan_mode",
        "next_hop_mode",
        "reverse_peering",
        "interface",
        "without_bird",
        "skipped",
        "lines",
        "capabilities",
        "session",
        "recovery",
    ]
)
_SELECTORS = frozenset(("node_selector", "peer_selector", "local_workload_selector", "tag"))
_AS_NUMBERS = frozenset(("as_number", "local_as_number", "neighbor_as", "origin_as", "as_path_prefix"))
#: What a filter adds to a route stands under names that other fields have as well.
_ADDED = {"value": "community", "prefix": "as_path_prefix"}
_LEFT_OUT = "(left out)"
#: Sources that are no file.
_OUR_SOURCES = frozenset(("-", "CalicoNodeStatus"))
#: Names of resources, by where they stand. Those that Calico itself gives say nothing.
_RESOURCES = {
    "bgp_peers": "peer",
    "bgp_configurations": "config",
    "ip_pools": "pool",
    "bgp_filters": "filter",
    "block_affinities": "block",
    "felix": "felix",
}
_KEPT_NAMES = frozenset(
    ("default", "default-ipv4-ippool", "default-ipv6-ippool", CALICO_NODE, "calico-system", "kube-system")
)


def anonymise(snapshot: Snapshot, *, key: bytes | None = None) -> Snapshot:
    """The same snapshot with other names, addresses, public AS numbers and label values.

    Equal things stay equal, networks stay within networks, and the order of names and addresses stays: an audit of it
    has the same verdict, findings and causes. Times stay.

    Args:
        snapshot: As it was read.
        key: The same key gives the same addresses again; by default a new one, which nobody keeps.
    """
    dumped = snapshot.model_dump(mode="json", by_alias=True)
    texts = [text for _, text in _strings(dumped)]
    networks = {network for text in dict.fromkeys(texts) for network in networks_in(text)}
    addresses = AddressMap(networks, key or secrets.token_bytes(32))
    names = Names()
    names.add_hosts(name for name in _host_names(dumped) if next(networks_in(name), None) is None)
    resources: dict[str, Any] = dumped["resources"] or {}
    nodes = {f"node.{name}" for name in _host_names(dumped)}
    for where, kind in _RESOURCES.items():
        names.add(kind, (each["name"] for each in resources.get(where, ())), _KEPT_NAMES | nodes)
    kubernetes: dict[str, Any] = dumped["kubernetes"] or {}
    names.add("pod", (pod["name"] for pod in kubernetes.get("pods", ())), _KEPT_NAMES)
    namespaces = [
        *(pod["namespace"] for pod in kubernetes.get("pods", ())),
        *kubernetes.get("forbidden_namespaces", ()),
    ]
    names.add("namespace", namespaces, _KEPT_NAMES)
    names.add("cluster", [kubernetes.get("context") or "", dumped["cluster"] or ""])
    taints = [taint for node in kubernetes.get("nodes", ()) for taint in node["taints"]]
    labels = Labels(
        [
            *((key_, value) for node in resources.get("nodes", ()) for key_, value in node["labels"]),
            *(split_taint(taint)[:2] for taint in taints),
        ],
        (text for field, text in _strings(dumped) if field in _SELECTORS),
        names,
    )
    numbers = ASNumbers()
    walk = _Walk(Texts(addresses, names, numbers).text, labels, numbers, names)
    return Snapshot.model_validate(walk.value("", dumped))


class _Walk:
    def __init__(self, text: Callable[[str], str], labels: Labels, numbers: ASNumbers, names: Names) -> None:
        self._text, self._labels, self._numbers, self._names = text, labels, numbers, names
        self._files: dict[str, str] = {}

    def value(self, field: str, value: Any) -> Any:
        """What a field's value becomes."""
        match value:
            case dict():
                of = _ADDED if field == "operations" else {}
                new = {name: self.value(of.get(str(name), str(name)), each) for name, each in value.items()}
                if field in _RESOURCES and value["name"] in _KEPT_NAMES:
                    # A node may have that name as well.
                    new["name"] = value["name"]
                return new
            case list() if field == "labels":
                return sorted([self._labels.key(key), self._labels.value(text)] for key, text in value)
            case list() if field in {"ignored_annotations", "tags"} and value and isinstance(value[0], list):
                return [[self._parts(field, part) for part in each] for each in value]
            case [int(number), *rest] if field in {"communities", "community"}:
                return [self._numbers.number(number), *rest]
            case [str(kind), str(name), str(file), line, _] if field == "not_understood":
                # What is wrong quotes the field.
                return [kind, self._text(name), self._file(file), line, "a field of it"]
            case [str(file), why] if field == "skipped_files":
                return [self._file(file), self._text(why)]
            case list():
                return [self.value(field, each) for each in value]
            case str():
                return self._string(field, value)
            case int() if field in _AS_NUMBERS and not isinstance(value, bool):
                return self._numbers.number(value)
        return value

    def _parts(self, field: str, part: Any) -> Any:
        if not isinstance(part, str):
            return part
        return self._labels.selector(part) if field == "tags" and part.startswith("!") else self._text(part)

    def _string(self, field: str, text: str) -> str:
        if field in _FIXED:
            return text
        if field in _SELECTORS:
            return self._labels.selector(text)
        match field:
            case "taints":
                return self._labels.taint(text)
            case "source" | "file" | "sources" | "place":
                return self._file(text)
            case "text":
                return _LEFT_OUT
            case "sha256" | "shape":
                # Whoever guesses names and addresses could see that they are right.
                return ""
            case "user" | "identity" | "jump":
                return field
            case "as_path":
                return " ".join(str(self._numbers.number(int(n))) if n.isdigit() else n for n in text.split())
        return self._names.whole.get(text) or self._text(text)

    def _file(self, text: str) -> str:
        if text in _OUR_SOURCES:
            return text
        ending = text.rpartition(".")[2] if text.endswith((".yaml", ".yml", ".json", ".txt")) else "txt"
        return self._files.setdefault(text, f"file-{len(self._files) + 1}.{ending}")


def _strings(value: Any, field: str = "") -> Iterator[tuple[str, str]]:
    """Every text, and the field that it stands in."""
    if isinstance(value, str):
        yield field, value
    elif isinstance(value, dict):
        for name, each in value.items():
            yield from _strings(each, name)
    elif isinstance(value, list):
        for each in value:
            yield from _strings(each, field)


def _host_names(dumped: dict[str, Any]) -> Iterator[str]:
    """The names of nodes and hosts, wherever they stand."""
    for host in (*dumped["hosts"], *dumped["known"]):
        yield host["name"]
        yield host["node"] or ""
    for reading in (*dumped["readings"], *dumped["failures"]):
        yield reading["host"].partition(":")[0] if reading["host"].count(":") == 1 else reading["host"]
        yield reading["node"] or ""
        status = reading.get("status") or {}
        yield status.get("node") or ""
        yield status.get("host") or ""
    for node in (dumped["resources"] or {}).get("nodes", ()):
        yield node["name"]
    for node in (dumped["kubernetes"] or {}).get("nodes", ()):
        yield node["name"]
