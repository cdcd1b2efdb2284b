"""Builds Calico's resources in few words, and says which findings they give."""

from ipaddress import ip_address

from calico_bgp.auditing.lint import lint
from calico_bgp.expect.version import NEWEST
from calico_bgp.model.place import FieldLine, Place, YAMLTag
from calico_bgp.model.reports.report import Finding
from calico_bgp.model.resources import (
    BGPConfiguration,
    BGPPeer,
    BlockAffinity,
    CalicoNode,
    FelixConfiguration,
    IPPool,
    Resources,
)
from calico_bgp.model.routes.bgp_filter import BGPFilter, FilterAction, FilterRule, MatchOperator, PrefixLength
from calico_bgp.parse.status.nodes_without_bird import why_without_bird

GLOBAL_AS = 64512


def node(
    name, ipv4=None, ipv6=None, *, labels=None, rr=None, asn=None, internal=(), api="projectcalico.org/v3", ignored=()
):
    """A node; labels as a mapping, `rr` the cluster ID, `ignored` annotations without their prefix."""
    return CalicoNode(
        name=name,
        labels=tuple(sorted((labels or {}).items())),
        ipv4=None if ipv4 is None else ip_address(ipv4),
        ipv6=None if ipv6 is None else ip_address(ipv6),
        as_number=asn,
        cluster_id=rr,
        internal_ips=tuple(map(ip_address, internal)),
        ignored_annotations=tuple((f"projectcalico.org/{name}", value) for name, value in ignored),
        place=Place("nodes.yaml", 1),
        api_version=api,
        without_bird=why_without_bird(name, labels=labels),
    )


def nodes(number, **same):
    """node1, node2, ... with addresses 192.0.2.1, 192.0.2.2, ..."""
    return [node(f"node{i}", f"192.0.2.{i}", **same) for i in range(1, number + 1)]


def reflectors(number, *, ids=None, labels=None):
    """rr1, rr2, ... with addresses 192.0.2.201, ..., the label of Calico's documentation and one cluster ID."""
    return [
        node(
            f"rr{i}",
            f"192.0.2.{200 + i}",
            rr="244.0.0.1" if ids is None else ids[i - 1],
            labels={"route-reflector": "true"} | (labels or {}),
        )
        for i in range(1, number + 1)
    ]


def peer(name="peer", **fields):
    """A BGPPeer that stands in bgp.yaml, its fields on lines 10, 11, ... in the order in which they are given."""
    tags = tuple(YAMLTag(f"spec.{f}", tag, value, 42) for f, tag, value in fields.pop("tags", ()))
    lines = tuple(FieldLine(f"spec.{_camel(f)}", 10 + i) for i, f in enumerate(fields))
    lines += tuple(FieldLine(tag.path, tag.line) for tag in tags)
    return BGPPeer(name=name, tags=tags, lines=lines, place=Place("bgp.yaml", 3), **fields)


def _camel(field):
    special = {"peer_ip": "peerIP", "as_number": "asNumber", "local_as_number": "localASNumber"}
    first, *rest = field.split("_")
    return special.get(field, first + "".join(word.capitalize() for word in rest))


def config(name="default", **fields):
    """A BGPConfiguration that stands in bgp.yaml."""
    return BGPConfiguration(name=name, place=Place("bgp.yaml", 30), **fields)


NO_MESH = config(node_to_node_mesh_enabled=False)

RR_PEER = peer("peer-with-route-reflectors", node_selector="all()", peer_selector="route-reflector == 'true'")


def pool(cidr, name="pool", **fields):
    """An IPPool."""
    return IPPool(name=name, cidr=cidr, place=Place("pools.yaml", 1), **fields)


def bgp_filter(name="guard", **lists):
    """A BGPFilter; each list of rules as `import_v4=["Reject In 10.0.0.0/8", "Accept"]`."""
    made = {field: tuple(map(filter_rule, texts)) for field, texts in lists.items()}
    return BGPFilter(name, place=Place("filters.yaml", 1), **made)


def filter_rule(text):
    """`Reject In 10.0.0.0/8 24-26`."""
    action, *rest = text.split()
    lengths = PrefixLength(*map(int, rest[2].split("-"))) if len(rest) > 2 else None
    operator = MatchOperator(rest[0]) if rest else None
    return FilterRule(FilterAction(action), rest[1] if rest else None, operator, lengths)


def felix(setting=None, name="default", **fields):
    """A FelixConfiguration, by its programClusterRoutes."""
    return FelixConfiguration(name, program_cluster_routes=setting, place=Place("felix.yaml", 1), **fields)


def resources(*parts):
    """Resources of single ones and lists of them."""
    flat = [one for part in parts for one in (part if isinstance(part, list) else [part])]
    return Resources(
        **{
            field: tuple(sorted((one for one in flat if isinstance(one, kind)), key=lambda one: one.name))
            for field, kind in (
                ("nodes", CalicoNode),
                ("bgp_peers", BGPPeer),
                ("bgp_configurations", BGPConfiguration),
                ("ip_pools", IPPool),
                ("bgp_filters", BGPFilter),
                ("block_affinities", BlockAffinity),
                ("felix", FelixConfiguration),
            )
        }
    )


def findings(*parts, version=NEWEST) -> tuple[Finding, ...]:
    """All findings of the lint."""
    return lint(resources(*parts), version=version).findings


def said(*parts, version=NEWEST):
    """Rule → severity of every finding, without the infos."""
    return {f.rule: str(f.severity) for f in findings(*parts, version=version) if f.severity != "info"}


def of_rule(rule, *parts, version=NEWEST) -> Finding:
    """The one finding of a rule."""
    (found,) = (f for f in findings(*parts, version=version) if f.rule == rule)
    return found


def rules(*parts, version=NEWEST):
    """The names of the rules that have something to say, infos included."""
    return {f.rule for f in findings(*parts, version=version)}
