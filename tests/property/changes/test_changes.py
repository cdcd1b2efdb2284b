"""Laws of changes: their commands, run by stand-ins of kubectl and calicoctl, make what the change makes of resources.

What a command writes is read back by the parser: names of fields that are wrong anywhere do not pass.
"""

from __future__ import annotations

import copy
import json
import shlex
from dataclasses import replace
from ipaddress import IPv4Address, IPv6Address

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from calico_bgp.changes.ask import Ask, Secret
from calico_bgp.changes.change import (
    ApplyResources,
    DeleteResource,
    RemoveNode,
    SetClusterID,
    SetFields,
    SetLabel,
    SetMesh,
    Unlabel,
)
from calico_bgp.changes.commands import commands
from calico_bgp.model.place import Place
from calico_bgp.model.resources import ResourceKind, Resources
from calico_bgp.parse.resources.reader import parse_resources
from tests.rig.machines.datastore import ANNOTATIONS, Datastore
from tests.rig.standins import calicoctl_bastion
from tests.rig.standins import kubectl as kubectl_standin

NODES = ["n1", "n2", "n3"]
PASSWORD = {"secretKeyRef": {"name": "bgp", "key": "tor"}}
#: Calico's name → what may stand there.
OPTIONS = {
    "reversePeering": ["Auto", "Manual"],
    "keepOriginalNextHop": [True, False],
    "nextHopMode": ["Self", "Keep"],
    "numAllowedLocalASNumbers": [0, 1],
    "sourceAddress": ["UseNodeIP", "None"],
    "reachableBy": ["192.0.2.254"],
    "maxRestartTime": ["60s", "2m0s"],
    "ttlSecurity": [1, 2],
    "filters": [["one"], ["one", "two"]],
    "password": [PASSWORD],
    "localWorkloadSelector": ["has(app)"],
}
#: The field of the model → what it may be set to.
FIELDS = {
    "reverse_peering": ["Auto", "Manual", None],
    "keep_original_next_hop": [True, False],
    "next_hop_mode": ["Self", None],
    "num_allowed_local_as_numbers": [0, 1, None],
    "source_address": ["None", None],
    "reachable_by": ["192.0.2.254", None],
    "max_restart_time": ["60s", None],
    "ttl_security": [1, None],
    "has_password": [Secret(Ask("SECRET_NAME", "", "-"), Ask("SECRET_KEY", "", "-")), Secret("bgp", "tor"), False],
}
BY_SELECTOR = {"node_selector": ["!has(rr)", "all()", None], "peer_selector": ["has(rr)", "rack == 'a'"]}
BY_ADDRESS = {
    "node": ["n1", "n2"],
    "peer_ip": ["192.0.2.2", "[2001:db8::2]:1790", Ask("ADDRESS", "", "192.0.2.77")],
    "as_number": [64512, 65001, Ask("AS_NUMBER", "", 65009)],
    "local_as_number": [65002, None],
}
CONFIG = {
    "as_number": [64512, 65001, None],
    "node_to_node_mesh_enabled": [True, False, None],
    "listen_port": [1790, None],
    "node_mesh_max_restart_time": ["60s", None],
    "has_node_mesh_password": [Secret("bgp", "mesh"), False],
}
#: What an operator fills in: what stands for it in the model.
FILLED_IN = {
    "SECRET_NAME": "bgp", "SECRET_KEY": "tor", "ADDRESS": "192.0.2.77", "AS_NUMBER": "65009", "CLUSTER_ID": "244.0.0.9",
    "PREFIX_LENGTH": "26", "NODE": "n2",
}  # fmt: skip


class Memory(Datastore):
    """A datastore that writes no files."""

    def __init__(self, documents):
        self.documents = {(d["kind"], d["metadata"]["name"]): copy.deepcopy(d) for d in documents}

    def get(self, kind, name):
        return copy.deepcopy(self.documents.get((kind, name)))

    def put(self, document):
        self.documents[document["kind"], document["metadata"]["name"]] = copy.deepcopy(document)

    def delete(self, kind, name):
        return self.documents.pop((kind, name), None) is not None

    def resources(self):
        return parse_resources([("datastore", self.export())])

    def all(self, *kinds):
        return [copy.deepcopy(d) for (kind, _), d in sorted(self.documents.items()) if not kinds or kind in kinds]


def some_of(options):
    """Any of the keys, each with one of its values."""
    return st.fixed_dictionaries({}, optional={key: st.sampled_from(values) for key, values in options.items()})


def document(kind, name, spec, **metadata):
    return {
        "apiVersion": "projectcalico.org/v3",
        "kind": kind,
        "metadata": {"name": name, **metadata},
        "spec": copy.deepcopy(spec),
    }


@st.composite
def clusters(draw):
    found = []
    for n, name in enumerate(NODES, 1):
        labels = draw(some_of({"rr": ["true"], "rack": ["a", "b"]}))
        annotations = draw(
            some_of({
                ANNOTATIONS["ipv4Address"]: [f"192.0.2.{n}/24"],
                ANNOTATIONS["ipv6Address"]: [f"2001:db8::{n}/64"],
                ANNOTATIONS["asNumber"]: ["65001"],
                ANNOTATIONS["routeReflectorClusterID"]: ["244.0.0.1"],
            })
        )  # fmt: skip
        node = document("Node", name, {}, labels=labels, annotations=annotations)
        found.append(node | {"apiVersion": "v1"})
    options = some_of(OPTIONS)
    found.append(document("BGPPeer", "far", draw(options) | {"node": "n1", "peerIP": "192.0.2.9", "asNumber": 65001}))
    found.append(document("BGPPeer", "near", draw(options) | {"nodeSelector": "all()", "peerSelector": "has(rr)"}))
    if draw(st.booleans()):
        known = {"asNumber": [65001], "nodeToNodeMeshEnabled": [True, False], "listenPort": [1790]}
        # What is not known here must stay.
        found.append(document("BGPConfiguration", "default", draw(some_of(known)) | {"logSeverityScreen": "Info"}))
    found.append(document("IPPool", "pods", {"cidr": "10.244.0.0/16"}))
    return found


def fields(kind, name, options):
    return some_of(options).filter(bool).map(lambda d: SetFields(kind, name, tuple(d.items())))


@st.composite
def changes(draw, resources):
    """One change that fits the resources."""
    asked = draw(st.booleans())
    name = draw(st.sampled_from(NODES))
    called = Ask("NODE", "", "n2") if asked else name
    node = resources.nodes_by_name[name]
    peers = resources.bgp_peers
    known = [
        SetLabel(called, "rr", draw(st.sampled_from(["true", ""]))),
        SetLabel(called, "zone.example/a", "x"),
        SetClusterID(called, Ask("CLUSTER_ID", "", "244.0.0.9") if draw(st.booleans()) else "244.0.0.1"),
        SetClusterID(called, None),
        SetMesh(on=draw(st.booleans())),
        RemoveNode(name),
        DeleteResource(ResourceKind.BGP_PEER, draw(st.sampled_from([peer.name for peer in peers]))),
        *(Unlabel(name, key) for key, _ in node.labels),
    ]
    strategies = [
        st.sampled_from(known),
        fields(ResourceKind.BGP_PEER, "far", FIELDS | BY_ADDRESS),
        fields(ResourceKind.BGP_PEER, "near", FIELDS | BY_SELECTOR),
        fields(
            ResourceKind.NODE,
            name,
            {
                "as_number": [65001, 65002, None],
                "ipv4": [IPv4Address("192.0.2.66")],
                "ipv4_prefix": [25, Ask("PREFIX_LENGTH", "", 26)],
                "cluster_id": [None, "244.0.0.2"],
            },
        ).map(lambda change: with_address(change, node)),
        st.just(ApplyResources(Resources(bgp_peers=(replace(peers[0], name="new"), replace(peers[1], tags=()))), "-")),
        st.just(
            ApplyResources(Resources(nodes=(replace(node, ipv6=IPv6Address("2001:db8::66"), ipv6_prefix=64),)), "-")
        ),
    ]
    if resources.global_config is not None:
        strategies.append(fields(ResourceKind.BGP_CONFIGURATION, "default", CONFIG))
    return draw(st.one_of(strategies))


def with_address(change, node):
    """A prefix length stands behind an address only."""
    fields = dict(change.fields)
    if "ipv4_prefix" in fields and "ipv4" not in fields and node.ipv4 is None:
        fields["ipv4"] = IPv4Address("192.0.2.66")
    return replace(change, fields=tuple(fields.items()))


def plain(resources):
    """Without the places where things stand, and what only those have."""
    bare = {"place": Place("-"), "api_version": ""}
    return resources.model_copy(
        update={
            "nodes": tuple(replace(one, **bare) for one in resources.nodes),
            "bgp_peers": tuple(replace(one, **bare, lines=(), tags=()) for one in resources.bgp_peers),
            "bgp_configurations": tuple(replace(o, **bare, lines=(), tags=()) for o in resources.bgp_configurations),
            "ip_pools": tuple(replace(one, **bare) for one in resources.ip_pools),
            "sources": (),
        }
    )


def words_of(line):
    """The words as a shell has them, with every variable filled in, and what stands on standard input."""
    for name, value in FILLED_IN.items():
        line = line.replace(f"${{{name}:?}}", value)
    assert "${" not in line
    words = shlex.split(line)
    if words[:2] == ["printf", "%s"]:
        assert words[3] == "|"
        return words[4:], words[2]
    return words, ""


def run(line, store):
    (program, *arguments), stdin = words_of(line)
    if program == "kubectl":
        assert kubectl_standin.run(arguments, store, None, stdin)[0] == 0
    else:
        assert program == "calicoctl"
        calicoctl_bastion.run(arguments, store, stdin)
    patched = arguments[arguments.index("-p") + 1] if "-p" in arguments else "{}"
    return json.loads(patched).get("spec", {})


@given(st.data())
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_the_commands_make_what_the_change_makes(data):
    """In both dialects; only what differs is patched, and what changes nothing has no command."""
    documents = data.draw(clusters())
    resources = parse_resources([("datastore", json.dumps({"kind": "List", "apiVersion": "v1", "items": documents}))])
    change = data.draw(changes(resources))
    after = change.apply(resources)
    found = commands(change, resources)
    assert bool(found) == (plain(after) != plain(resources)) or any(command.asks for command in found)
    for dialect in ("kubectl", "calicoctl"):
        store = Memory(documents)
        for command in found:
            line = getattr(command, dialect) or command.best
            before = store.all()
            spec = run(line, store)
            # What is asked for may turn out to be what is there, and nobody reads which Secret is named.
            unknown = spec.keys() if command.asks else {"password", "nodeMeshPassword"}
            assert spec.keys() - unknown <= differing(before, store.all()), line
        if any(d["kind"] != "Node" and not d["spec"] for d in store.all()):
            continue
        assert plain(store.resources()) == plain(after), found


def differing(before, after):
    """The fields that are not as they were; `bgp` for those of a Node, which are annotations here."""
    was = {(d["kind"], d["metadata"]["name"]): d for d in before}
    found = set()
    for each in after:
        old = was.get((each["kind"], each["metadata"]["name"]), {})
        if each != old and each["kind"] == "Node":
            found.add("bgp")
        spec, old_spec = each["spec"], old.get("spec", {})
        found |= {key for key in spec.keys() | old_spec.keys() if spec.get(key) != old_spec.get(key)}
    return found
