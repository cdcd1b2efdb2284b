"""Rules about selectors: those that match no node, that do not parse, or that rest on labels which go away."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from typing import NamedTuple

from calico_bgp.changes.advice import in_resource, label_node, set_field
from calico_bgp.cluster.cluster import Cluster
from calico_bgp.errors import SelectorSyntaxError
from calico_bgp.expect.configured import Configured
from calico_bgp.messages.declared import Words
from calico_bgp.messages.steps import Steps, step
from calico_bgp.messages.words import count, some
from calico_bgp.model.reports.about import about_peer
from calico_bgp.model.reports.report import Severity
from calico_bgp.model.resources import BGPPeer
from calico_bgp.rules.rule import Draft, rule

_KIND = "BGPPeer"
#: In shorter values one letter for another is no slip but another value.
_FEWEST_LETTERS = 4


class RemovedLabel(NamedTuple):
    """A label of nodes that Kubernetes no longer sets, or will not for ever.

    Attributes:
        fate: What happened to it.
        successor: The label that says the same today.
    """

    fate: str
    successor: str


#: kubernetes.io/docs/reference/labels-annotations-taints; for `master` kubeadm's change of 1.24 (kubernetes#107533).
REMOVED_LABELS = {
    "node-role.kubernetes.io/master": RemovedLabel(
        "kubeadm takes it off every node on the way to Kubernetes 1.24", "node-role.kubernetes.io/control-plane"
    ),
    "beta.kubernetes.io/arch": RemovedLabel("it is deprecated since Kubernetes 1.14", "kubernetes.io/arch"),
    "beta.kubernetes.io/os": RemovedLabel("it is deprecated since Kubernetes 1.14", "kubernetes.io/os"),
    "beta.kubernetes.io/instance-type": RemovedLabel(
        "it is deprecated since Kubernetes 1.17", "node.kubernetes.io/instance-type"
    ),
    "failure-domain.beta.kubernetes.io/zone": RemovedLabel(
        "it is deprecated since Kubernetes 1.17", "topology.kubernetes.io/zone"
    ),
    "failure-domain.beta.kubernetes.io/region": RemovedLabel(
        "it is deprecated since Kubernetes 1.17", "topology.kubernetes.io/region"
    ),
}


class SelectorField(NamedTuple):
    """A selector of nodes in a BGPPeer, as Calico receives it; `name` as in `nodeSelector`."""

    peer: BGPPeer
    name: str
    text: str

    @property
    def path(self) -> str:
        """`spec.nodeSelector`."""
        return f"spec.{self.name}"


def node_selectors(configured: Configured) -> Iterator[SelectorField]:
    """Every selector of nodes. Those that a YAML tag spoiled are rule yaml-tag's."""
    for peer in configured.resources.bgp_peers:
        spoiled = {tag.path for tag in peer.tags}
        for name, text in (("nodeSelector", peer.node_selector), ("peerSelector", peer.peer_selector)):
            if text is not None and f"spec.{name}" not in spoiled:
                yield SelectorField(peer, name, text)


@rule(
    "selector-matches-nothing",
    Severity.WARNING,
    title="A selector matches no node",
    meaning="The BGPPeer makes no peer at all. An error where some node is left without any peer: that node neither "
    "learns nor announces a route. It happened at Reddit on 14 March 2023: Kubernetes 1.24 took away the label "
    "node-role.kubernetes.io/master, on which the selectors of the route reflectors rested, and the site was down for "
    "five hours. Source: confd/pkg/backends/calico/client.go updatePeersV1.",
    evidence="The selector, and the labels of the nodes that it asks for.",
    action="Fix the selector or label the nodes. Where the nodes are still to come, accept the finding.",
    messages={
        "no-node": "{field:same} of {peer} matches none of {nodes:count node}, so this BGPPeer makes no "
        "peer{removed}{harm}",
        "label-removed": " ({label:same}: {fate:same})",
        "left-without-peer": "; {left} {left:has|have} no peer at all",
    },
)
def selector_matches_nothing(cluster: Cluster) -> Iterator[Draft]:
    """One finding per BGPPeer and selector."""
    configured = cluster.configured
    if not configured.has_nodes:
        return
    harm = _harm(configured)
    for field in node_selectors(configured):
        if configured.matched(field.text) != ():
            continue
        keys = configured.labels_in(field.text)
        removed_labels = [key for key in keys if key in REMOVED_LABELS and key not in configured.label_values]
        removed = (
            Words("label-removed", label=removed_labels[0], fate=REMOVED_LABELS[removed_labels[0]].fate)
            if removed_labels
            else None
        )
        yield Draft(
            about_peer(field.peer, field.path),
            "no-node",
            (f"{field.name}: {field.text}", *(_label_evidence(configured, key) for key in keys)),
            _mend_selector(configured, field, keys),
            Severity.ERROR if harm else None,
            field=field.name,
            peer=field.peer.name,
            nodes=len(configured.resources.nodes),
            removed=removed,
            harm=harm,
        )


def _harm(configured: Configured) -> Words | None:
    """What is said where some node has no peer; it makes the finding an error. Of a part of a cluster nobody knows."""
    if configured.is_part:
        return None
    lonely = [n.name for n in configured.resources.nodes if not configured.expectation.peers.has_any(n.name)]
    if len(configured.resources.nodes) == 1 or not lonely:
        return None
    return Words("left-without-peer", left=lonely)


def _label_evidence(configured: Configured, key: str) -> str:
    values = configured.label_values.get(key)
    if values is None:
        return f"label {key}: on no node"
    most = [f"{value!r} ({count(number, 'node')})" for value, number in values.most_common()]
    return f"label {key}: {some(most)}"


def _mend_selector(configured: Configured, field: SelectorField, keys: tuple[str, ...]) -> Steps:
    """The selector with the label or value that was probably meant, else the label for the nodes that should match."""
    for key in keys:
        if key in configured.label_values:
            continue
        removed = REMOVED_LABELS.get(key)
        near = get_close_matches(key, [name for name in configured.label_values if name not in keys], cutoff=0.85)
        better = removed.successor if removed else next(iter(near), None)
        if better is not None:
            return set_field(_KIND, field.peer.name, field.name, field.text.replace(key, better))
    labels = configured.labels_wanted_in(field.text)
    for key in labels:
        value = configured.wanted_value(field.text, key)
        usual = _usual_value(configured, key, value)
        if usual is not None:
            text = field.text.replace(f"'{value}'", f"'{usual}'").replace(f'"{value}"', f'"{usual}"')
            return set_field(_KIND, field.peer.name, field.name, text)
    if configured.is_part:
        return step("add the other Nodes (`calicoctl get nodes -o yaml`): these are the reflectors only")
    if labels:
        wanted = [(key, configured.wanted_value(field.text, key)) for key in labels]
        # Where each is on some node, none has all of them.
        lacking = [one for one in wanted if not _is_there(configured, *one)] or wanted
        return step("label the nodes that are meant: {command}", command=label_node(None, *lacking[0]))
    return step("write the selector that is meant, or delete the BGPPeer")


def _is_there(configured: Configured, key: str, value: str) -> bool:
    """Whether some node has the label, with that value where the selector names one."""
    values = configured.label_values.get(key)
    return values is not None and (not value or value in values)


def _usual_value(configured: Configured, key: str, value: str) -> str | None:
    """The value that several nodes have and that looks like the one that none has: a slip in the selector."""
    values = configured.label_values.get(key)
    if not value or values is None or value in values:
        return None
    alike = [name for name, number in values.items() if number > 1 and _is_slip(value, name)]
    return alike[0] if len(alike) == 1 else None


def _is_slip(written: str, meant: str) -> bool:
    """Whether one is the other but for case, one letter too much, too little or doubled, or two that changed places."""
    one, other = written.lower(), meant.lower()
    if one == other:
        return True
    if abs(len(one) - len(other)) == 1:
        longer, shorter = sorted((one, other), key=len, reverse=True)
        return bool(shorter) and any(longer[:at] + longer[at + 1 :] == shorter for at in range(len(longer)))
    if len(one) != len(other) or len(one) < _FEWEST_LETTERS:
        return False
    differing = [at for at in range(len(one)) if one[at] != other[at]]
    if len(differing) == 1:
        # rack1 is no slip for rack2: both are names that somebody chose.
        return not (one[differing[0]].isdigit() and other[differing[0]].isdigit())
    return len(differing) == 2 and one[differing[0]] == other[differing[1]] and one[differing[1]] == other[differing[0]]


@rule(
    "selector-on-removed-label",
    Severity.WARNING,
    title="A selector rests on a label that Kubernetes removed or deprecated",
    meaning="It still does what it should, until an upgrade of Kubernetes takes the label off the nodes; then the "
    "peers go, as in the outage of 14 March 2023 at Reddit. A selector that asks for the absence of the label then "
    "matches every node. Source: kubernetes.io/docs/reference/labels-annotations-taints.",
    evidence="The selector, and which nodes have the label.",
    action="Use the label that took its place, or better one of your own.",
    messages={
        "rests-on": "{field:same} of {peer} rests on the label {label:same}: {fate:same}",
    },
)
def selector_on_removed_label(cluster: Cluster) -> Iterator[Draft]:
    """One finding per BGPPeer and selector, unless selector-matches-nothing says it already."""
    configured = cluster.configured
    for field in node_selectors(configured):
        keys = [key for key in configured.labels_in(field.text) if key in REMOVED_LABELS]
        if not keys or (configured.has_nodes and configured.matched(field.text) == ()):
            continue
        text = field.text
        for key in keys:
            text = text.replace(key, REMOVED_LABELS[key].successor)
        yield Draft(
            about_peer(field.peer, field.path),
            "rests-on",
            (
                f"{field.name}: {field.text}",
                *(_label_evidence(configured, key) for key in keys if configured.has_nodes),
            ),
            set_field(_KIND, field.peer.name, field.name, text),
            field=field.name,
            peer=field.peer.name,
            label=keys[0],
            fate=REMOVED_LABELS[keys[0]].fate,
        )


@rule(
    "selector-syntax",
    Severity.ERROR,
    title="A selector does not parse",
    meaning="To Calico it matches nothing: the BGPPeer makes no peers. calicoctl and Calico's API server refuse it; "
    "written as crd.projectcalico.org/v1 it goes through. Source: libcalico-go/lib/selector/parser.",
    evidence="The selector, and where it breaks.",
    action="Fix it. Text values stand in quotes inside the selector, the whole selector in quotes in YAML.",
    messages={
        "not-parsed": "{field:same} of {peer} does not parse, so it matches nothing: {error:same}",
    },
)
def selector_syntax(cluster: Cluster) -> Iterator[Draft]:
    """One finding per BGPPeer and selector."""
    configured = cluster.configured
    fields = [*node_selectors(configured)]
    fields += [
        SelectorField(peer, "localWorkloadSelector", peer.local_workload_selector)
        for peer in configured.resources.bgp_peers
        if peer.local_workload_selector is not None
        and all(tag.path != "spec.localWorkloadSelector" for tag in peer.tags)
    ]
    for field in fields:
        error = configured.parsed(field.text)
        if isinstance(error, SelectorSyntaxError):
            yield Draft(
                about_peer(field.peer, field.path),
                "not-parsed",
                tuple(str(error).splitlines()[1:]),
                step(
                    "{where} fix {field}: at column {column} of the selector{expected}",
                    where=in_resource(_KIND, field.peer.name),
                    field=field.name,
                    column=error.column + 1,
                    expected=f", which should have {error.expected}" if error.expected else None,
                ),
                field=field.name,
                peer=field.peer.name,
                error=error.message,
            )
