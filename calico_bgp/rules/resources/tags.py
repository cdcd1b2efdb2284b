"""Rule about YAML tags where values should be: the unquoted `!has(...)` that makes a peer global."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from calico_bgp import shell_words
from calico_bgp.changes.advice import drop_field, in_resource, set_field
from calico_bgp.cluster.cluster import Cluster
from calico_bgp.expect.configured import Configured
from calico_bgp.expect.engine import expect
from calico_bgp.messages.declared import Words
from calico_bgp.messages.steps import Steps, step
from calico_bgp.messages.words import count, some
from calico_bgp.model.peer import PeerType
from calico_bgp.model.place import YAMLTag
from calico_bgp.model.reports.about import about_configuration, about_peer
from calico_bgp.model.reports.report import Severity
from calico_bgp.model.resources import GLOBAL_CONFIG, BGPConfiguration, BGPPeer, Resources
from calico_bgp.rules.rule import Draft, rule

_FIELDS = {
    "spec.nodeSelector": "node_selector",
    "spec.peerSelector": "peer_selector",
    "spec.localWorkloadSelector": "local_workload_selector",
}


@rule(
    "yaml-tag",
    Severity.WARNING,
    title="A YAML tag stands where a value should be",
    meaning="A value that begins with `!` and has no quotes is a tag to YAML, and the value is what follows it, mostly "
    "nothing. `nodeSelector: !has(route-reflector)` reaches Calico as an empty text, and a BGPPeer with an empty "
    "nodeSelector is global: every node gets its peers, route reflectors included. It works by accident, and many "
    "guides show it. With quotes, reflectors would no longer peer with each other unless another BGPPeer says so. An "
    "error where the BGPPeer loses its meaning: an empty peerSelector leaves no far end, and of `!(a == 'b')` only `== "
    "'b')` is left, which does not parse.",
    evidence="The line as it stands, and what Calico receives.",
    action="Say what is meant: the selector in quotes, or no nodeSelector at all.",
    messages={
        "configuration": "{field:same} of {resource} is a YAML tag, {tag:same}, so Calico receives {received}",
        "no-quotes": "{field:same} of {peer} has no quotes, so YAML reads {tag:same} as a tag and Calico receives "
        "{received}{outcome}",
        "empty": "an empty text",
        "rest": "only `{value:same}`",
        "is-global": ": the BGPPeer is global, every node gets its peers",
        "one-node": ": it counts for node {node} alone",
        "not-parsed": ", which does not parse, so it matches nothing",
        "other-selector": ", which is another selector",
        "as-if-not-there": ", as if it were not there",
        "no-far-end": ", and the BGPPeer has no far end",
    },
)
def yaml_tag(cluster: Cluster) -> Iterator[Draft]:
    """One finding per tag."""
    configured = cluster.configured
    for peer in configured.resources.bgp_peers:
        for tag in peer.tags:
            yield _in_peer(configured, peer, tag)
    for config in configured.resources.bgp_configurations:
        for tag in config.tags:
            field = tag.path.removeprefix("spec.")
            yield Draft(
                about_configuration(config, tag.path),
                "configuration",
                (_written(tag),),
                step(
                    "{where} write the value of {field} without an exclamation mark, or in quotes",
                    where=in_resource("BGPConfiguration", config.name),
                    field=shell_words.quote(field),
                ),
                field=field,
                resource=f"BGPConfiguration {config.name}",
                tag=tag.tag,
                received=_received(tag),
            )


def _in_peer(configured: Configured, peer: BGPPeer, tag: YAMLTag) -> Draft:
    field = tag.path.removeprefix("spec.")
    text = _meant(tag)
    quoted: Steps = set_field("BGPPeer", peer.name, field, text)
    evidence = [_written(tag)]
    outcome, severity = _outcome(configured, peer, tag)
    if tag.path == "spec.nodeSelector" and not tag.value.strip():
        evidence += _readings(configured, peer, text)
        as_it_is = drop_field("BGPPeer", peer.name, field)
        quoted = (
            step("for every node, as it is now: {command}", command=as_it_is),
            step(
                "for the selector as it is written: {command}",
                command=set_field("BGPPeer", peer.name, field, text),
            ),
        )
    return Draft(
        about_peer(peer, tag.path),
        "no-quotes",
        evidence,
        quoted,
        severity,
        field=field,
        peer=peer.name,
        tag=tag.tag,
        received=_received(tag),
        outcome=outcome,
    )


def _outcome(configured: Configured, peer: BGPPeer, tag: YAMLTag) -> tuple[Words | None, Severity | None]:
    """What it comes to, and how bad that is: Calico takes the next best reading; without one it does nothing."""
    if tag.path == "spec.nodeSelector" and not tag.value.strip():
        return (Words("is-global") if peer.node is None else Words("one-node", node=peer.node)), None
    if tag.path not in _FIELDS:
        return None, None
    if not tag.value.strip():
        if peer.peer_ip:
            return Words("as-if-not-there"), Severity.WARNING
        return Words("no-far-end"), Severity.ERROR
    return Words("not-parsed" if configured.matched(tag.value) is None else "other-selector"), Severity.ERROR


def _received(tag: YAMLTag) -> Words:
    return Words("rest", value=tag.value) if tag.value.strip() else Words("empty")


def _written(tag: YAMLTag) -> str:
    field = tag.path.removeprefix("spec.")
    return f"{field}: {tag.tag} {tag.value}".rstrip()


def _meant(tag: YAMLTag) -> str:
    return f"{tag.tag} {tag.value}".strip()


def _readings(configured: Configured, peer: BGPPeer, text: str) -> list[str]:
    """What each of the two readings comes to: the sessions that only the global one makes."""
    if not configured.has_nodes or configured.matched(text) is None:
        return []
    resources = configured.resources
    # The mesh is the same either way, and may have a million peers.
    changed = Resources(
        nodes=resources.nodes,
        bgp_peers=tuple(replace(p, node_selector=text) if p is peer else p for p in resources.bgp_peers),
        bgp_configurations=tuple(replace(c, node_to_node_mesh_enabled=False) for c in resources.bgp_configurations)
        or (BGPConfiguration(GLOBAL_CONFIG, node_to_node_mesh_enabled=False),),
    )
    after = expect(changed, version=configured.expectation.version)
    now = {(p.node, p.address) for peers in configured.explicit.values() for p in peers}
    then = {(p.node, p.address) for peers in after.peers.values() for p in peers if p.peer_type is not PeerType.MESH}
    losing = sorted({node for node, _ in now - then})
    if not losing:
        return ["with quotes: the same sessions, shown as `node specific` instead of `global`"]
    apart = ", so reflectors would not peer with each other" if set(losing) <= set(configured.reflectors) else ""
    return [f"with quotes: {count(len(now - then), 'peer')} fewer, on {some(losing)}{apart}"]
