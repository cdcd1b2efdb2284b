"""What calico-node's start, confd, Felix and calicoctl write about BGP, in words. BIRD's own lines are in log_bird."""

from __future__ import annotations

from calico_bgp.messages.info.entry import InfoWords, Part, Whose, pattern_of

_STARTUP = "node/pkg/lifecycle/startup/startup.go"
_AUTODETECTION = "node/pkg/lifecycle/startup/autodetection/autodetection.go"
_CONFD = "confd/pkg/resource/template/resource.go"
_CLIENT = "confd/pkg/backends/calico/client.go"
_METHOD = "kubectl get installation default -o yaml, or env of the calico-node DaemonSet: IP_AUTODETECTION_METHOD"


def _entry(  # noqa: PLR0917 - the columns of a table
    text: str,
    short: str,
    meaning: str,
    look_at: Whose,
    next_step: str,
    source: str,
    also: tuple[str, ...] = (),
) -> InfoWords:
    return InfoWords(Part.LOG, text, short, meaning, look_at, next_step, source, also, pattern_of(text, *also))


LOG_CALICO = (
    _entry(
        "Version mismatch. Client Version: ... Cluster Version: ... Use --allow-version-mismatch to override.",
        "calicoctl on {near} is of another version than the cluster, and did nothing",
        "calicoctl is of another version than the cluster and did nothing: it says nothing about BGP. For node status "
        "the difference does no harm.",
        Whose.THIS,
        "sudo calicoctl node status --allow-version-mismatch; then install the calicoctl of the cluster's version",
        "calicoctl/calicoctl/commands/common/version_mismatch.go",
        also=(
            "Version mismatch.",
            "Use --allow-version-mismatch to override.",
            "Unable to get Cluster Information to verify version mismatch: ...",
        ),
    ),
    _entry(
        "Calico node NAME is already using the IPv4 address ADDRESS",
        "two nodes have one BGP address",
        "Another node has this BGP address, so calico-node does not start: the address was found on an interface that "
        "all nodes have alike (Docker's bridge, kube-ipvs0, a VIP), two machines bear one host name, or a node that is "
        "gone is still there as a resource.",
        Whose.RESOURCES,
        f"calicoctl get nodes -o wide; {_METHOD}; a node that is gone: kubectl delete node NAME",
        _STARTUP,
        also=(
            "Calico node NAME is already using the IPv6 address ADDRESS",
            "IPv4 address conflict",
            "IPv6 address conflict",
        ),
    ),
    _entry(
        "Couldn't autodetect an IPv4 address. If auto-detecting, choose a different autodetection method. ...",
        "calico-node on {near} finds no BGP address",
        "calico-node found no address by the method it was told, and does not start: no interface matches, or the "
        "address that it should reach (can-reach) has no route or no name.",
        Whose.THIS,
        f"{_METHOD}; on that node: ip -br address",
        _STARTUP,
        also=(
            "Couldn't autodetect an IPv4 address",
            "Couldn't autodetect an IPv6 address",
            "Unable to auto-detect an IPv4 address ...",
            "Unable to auto-detect an IPv6 address ...",
            "Unable to auto-detect IPv4 address ...",
            "Unable to auto-detect IPv6 address ...",
            "Failed to autodetect an IPv4 address",
            "no valid IPv4 addresses found on the host interfaces",
            "no valid IPv6 addresses found on the host interfaces",
            "no valid host interfaces found",
        ),
    ),
    _entry(
        "Using autodetected IPv4 address on interface NAME: ADDRESS",
        "calico-node on {near} took this address",
        "Not an error: which address calico-node took for BGP, and from which interface. It must be one that the other "
        "nodes reach: not a bridge of Docker's, not a tunnel, not a VIP.",
        Whose.THIS,
        f"calicoctl get nodes -o wide; {_METHOD}",
        _AUTODETECTION,
        also=(
            "Using autodetected IPv6 address on interface NAME: ADDRESS",
            "Using autodetected IPv4 address ADDRESS on matching interface NAME",
            "Using autodetected IPv4 address ADDRESS, detected by connecting to NAME",
            "Node IPv4 changed, will check for conflicts",
            "Clearing out-of-date IPv4 address from this node ...",
        ),
    ),
    _entry(
        "Error from checkcmd ...",
        "BIRD on {near} refuses what confd wrote",
        "BIRD refused the configuration that confd made, so confd keeps the old file: every later change on this node "
        "is lost until it is mended. What follows names the line; `as 0` is a BGPPeer whose peerIP has no asNumber.",
        Whose.RESOURCES,
        "calicoctl get bgpPeer -o yaml: a peerIP without asNumber, a bad peerIP; calico-bgp lint names it",
        _CONFD,
        also=("Error from reloadcmd ...",),
    ),
    _entry(
        "Target config NAME out of sync",
        "confd on {near} writes a new configuration",
        "confd noticed that the configuration must change and writes it anew. Normal after every change.",
        Whose.NOWHERE,
        "nothing to do",
        _CONFD,
        also=("Target config NAME has been updated",),
    ),
    _entry(
        "Failed to create main Calico client: ...",
        "confd on {near} cannot reach the datastore",
        "confd cannot reach the datastore, so BIRD gets no configuration or keeps an old one.",
        Whose.THIS,
        "kubectl logs of calico-node on that node; is the API server (or etcd) reachable from there?",
        _CLIENT,
        also=(
            "Failed to query current BGP settings: ...",
            "Failed to load Calico client configuration: ...",
        ),
    ),
    _entry(
        "Failed to connect to Typha ...",
        "calico-node on {near} cannot reach Typha",
        "Felix or confd cannot reach Typha (TCP 5473), which passes the datastore on: this node gets no changes, and "
        "after a start BIRD gets no configuration.",
        Whose.THIS,
        "kubectl get pods -A -l k8s-app=calico-typha -o wide; from that node: nc -vz ADDRESS 5473",
        "typha/pkg/syncclient/sync_client.go",
        also=("Failed to connect to typha endpoint ...",),
    ),
    _entry(
        "Failed to start route generator, routes will not be advertised",
        "{near} announces no service addresses",
        "confd cannot watch services and endpoints, so the node announces no service addresses. Sessions and pods are "
        "not touched by it.",
        Whose.THIS,
        "kubectl logs of calico-node on that node; may its service account read services and endpoints?",
        _CLIENT,
    ),
    _entry(
        "Failed to create secret watcher, not running under Kubernetes?",
        "{near} cannot read BGP passwords",
        "confd cannot read Secrets, so sessions with a password are made without one and do not come up.",
        Whose.RESOURCES,
        "calicoctl get bgpPeer -o yaml: password.secretKeyRef; kubectl auth can-i get secrets as calico-node",
        _CLIENT,
    ),
)
