"""JSON and YAML that list hosts: records of clouds and installers, `terraform output -json`, lists. No Kubernetes.

What is read as a record is in records; here is only where the records of a document are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from calico_bgp.model.inventory import Host
from calico_bgp.parse.destination import is_destination, parse_destination
from calico_bgp.parse.hosts.forms.form import Entry, Foreign, Form, LeftOut, Listed, NodeAddress
from calico_bgp.parse.hosts.forms.records import entry, flat, has_address, is_address
from calico_bgp.parse.lines import Problems

#: Keys under which installers and clouds keep their hosts: RKE, k0sctl, KubeOne, AWS, OpenStack, clusters of people.
_LISTS = ("nodes", "hosts", "servers", "instances", "machines", "vms", "items", "members", "Instances", "controlPlane",
          "staticWorkers", "workers", "masters")  # fmt: skip
_MAX_DEPTH = 4

# A name where the document gives one as the key, and the record or the address.
_NamedRecord = tuple[str | None, dict[str, str]]


def _records(value: Any, depth: int = 0) -> list[_NamedRecord]:
    """The records of a document; empty where it lists no hosts."""
    if depth > _MAX_DEPTH:
        return []
    if isinstance(value, list):
        return _of_list(value, depth)
    if not isinstance(value, dict):
        return []
    if outputs := _terraform(value):
        return [record for output in outputs for record in _records(output, depth + 1)]
    if all(isinstance(inner, str) and is_address(inner) for inner in value.values()) and value:
        return [(str(name), {"address": inner}) for name, inner in value.items()]
    records = {str(name): flat(inner) for name, inner in value.items() if isinstance(inner, dict)}
    if records and len(records) == len(value) and all(_reaches(record) for record in records.values()):
        # Salt's roster, and every other mapping of names to records.
        return [(None if "nodename" in record else name, record) for name, record in records.items()]
    within: list[_NamedRecord] = []
    for key in ("spec", "Reservations", *_LISTS):
        inner = value.get(key)
        if isinstance(inner, dict | list):
            within += _records(inner, depth + 1)
    return within


def _of_list(value: list[Any], depth: int) -> list[_NamedRecord]:
    if value and all(isinstance(one, str) for one in value):
        return [(None, {"plain": one}) for one in value]
    records = [flat(one) if isinstance(one, dict) else {} for one in value]
    if records and all(_reaches(record) for record in records):
        return [(_tagged(one), record) for one, record in zip(value, records, strict=True)]
    return [record for one in value if isinstance(one, dict) for record in _records(one, depth + 1)]


def _reaches(record: Mapping[str, str]) -> bool:
    return has_address(record) or ("host" in record and "user" in record)


def _tagged(record: dict[str, Any]) -> str | None:
    """The name of an instance of AWS, which kubelet takes from its private DNS name."""
    name = record.get("PrivateDnsName")
    return name if isinstance(name, str) and name else None


def _terraform(value: dict[str, Any]) -> list[Any]:
    """The values of `terraform output -json`, or of the outputs of a state file."""
    outputs = value.get("outputs") if "terraform_version" in value else value
    if not isinstance(outputs, dict) or not outputs:
        return []
    if not all(isinstance(output, dict) and "value" in output and "type" in output for output in outputs.values()):
        return []
    return [output["value"] for output in outputs.values() if isinstance(output["value"], dict | list)]


def _is_document(foreign: Foreign) -> bool:
    if len(foreign.documents) != 1:
        return False
    document = foreign.documents[0]
    # Of what calls itself a resource only k0sctl's and others' `kind: Cluster` list machines.
    kind = document.get("kind") if isinstance(document, dict) else None
    return kind in (None, "Cluster", "KubeOneCluster") and bool(_named_records(foreign))


def _named_records(foreign: Foreign) -> list[_NamedRecord]:
    found = _records(foreign.documents[0])
    plain = [record["plain"] for _, record in found if "plain" in record]
    # A list of texts is one of hosts where each can be a host; sentences and settings are none.
    return found if all(map(is_destination, plain)) else []


def _lone_addresses(document: Any) -> Iterator[tuple[str, str]]:
    """The outputs of Terraform that are one address each: a node's, a load balancer's or a bastion's."""
    if isinstance(document, dict) and _terraform(document):
        outputs = document.get("outputs") if "terraform_version" in document else document
        for name, output in outputs.items() if isinstance(outputs, dict) else ():
            if isinstance(output["value"], str) and is_address(output["value"]):
                yield str(name), output["value"]


def _read(foreign: Foreign, problems: Problems) -> Iterator[Entry]:
    for name, record in _named_records(foreign):
        host_entry: Entry | None
        if (plain := record.get("plain")) is not None:
            destination = parse_destination(plain)
            host_entry = Listed(Host(name=destination.name, user=destination.user, port=destination.port))
        else:
            host_entry = entry(record, problems, name=name, external=foreign.address is NodeAddress.EXTERNAL)
        if host_entry is not None:
            yield host_entry
        if problems.full:
            return
    for name, address in _lone_addresses(foreign.documents[0]):
        yield LeftOut(
            f"{name} ({address})", "one address alone, which may be a load balancer's; add it if it is a node's"
        )


DOCUMENT = Form("a JSON or YAML list of hosts", _is_document, _read)
