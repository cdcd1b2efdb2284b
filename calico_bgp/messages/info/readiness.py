"""What calico-node's readiness and liveness probes say, as the kubelet's events show it, in words."""

from __future__ import annotations

from calico_bgp.messages.info.entry import InfoWords, Part, Whose, pattern_of

_HEALTH = "node/pkg/health/health.go"
_BIRD = "node/pkg/health/bird/bird.go"
_POD = "kubectl get pods -A -l k8s-app=calico-node -o wide --field-selector spec.nodeName=NODE"


def _entry(  # noqa: PLR0917 - the columns of a table
    text: str,
    short: str,
    meaning: str,
    look_at: Whose,
    next_step: str,
    also: tuple[str, ...] = (),
    source: str = _HEALTH,
) -> InfoWords:
    pattern = pattern_of(text, *also)
    return InfoWords(Part.READINESS, text, short, meaning, look_at, next_step, source, also, pattern)


#: The more exact before the general: what one of them has taken of a text, the later ones do not see.
READINESS = (
    _entry(
        "BIRD is not ready: BGP not established with ADDRESSES",
        "{near} has no session with these peers",
        "The sessions with these addresses are not Established. In the first 30 s after calico-node's start one such "
        "peer is enough for this; later it means that this node has no Established session at all.",
        Whose.BOTH,
        "on that node: sudo calicoctl node status; on the nodes of those addresses: the same; an address that no node "
        "has: calicoctl get nodes -o wide",
        also=(
            "BIRD6 is not ready: BGP not established with ADDRESSES",
            "BGP not established with ADDRESSES",
        ),
    ),
    _entry(
        "Number of node(s) with BGP peering established = N",
        "this many peers of {near} are Established",
        "Not an error: how many peers of this node are Established, of one family. The line below it says why the node "
        "is not ready. 0 is a node without a session, and one that needs none (VXLAN, no peer) is ready with 0, too.",
        Whose.THIS,
        "on that node: sudo calicoctl node status",
    ),
    _entry(
        "BIRD is not ready: Error querying BIRD: unable to connect to BIRDv4 socket: ...",
        "BIRD does not run in calico-node on {near}",
        "BIRD does not run in that pod: its control socket refuses or is not there. BIRD is starting, has died, or "
        "stops at a configuration that it refuses. The peers are unknown.",
        Whose.THIS,
        f"{_POD}; kubectl logs of that pod: look for bird: and confd; on that node: ls -l /var/run/calico/bird.ctl",
        also=(
            "BIRD6 is not ready: Error querying BIRD: unable to connect to BIRDv6 socket: ...",
            "BIRD is not ready: unable to connect to BIRDv4 socket: ...",
            "BIRD6 is not ready: unable to connect to BIRDv6 socket: ...",
        ),
        source=_BIRD,
    ),
    _entry(
        "BIRD is not ready: Failed to stat() nodename file: ...",
        "calico-node on {near} has not started up yet",
        "/var/lib/calico/nodename is not there: calico-node's start has not come so far, or /var/lib/calico is not "
        "mounted into the pod.",
        Whose.THIS,
        f"{_POD}; kubectl logs of that pod: what stands above Terminating; on that node: ls -l /var/lib/calico",
        also=("BIRD6 is not ready: Failed to stat() nodename file: ...", "Failed to stat() nodename file: ..."),
    ),
    _entry(
        "BIRD is not ready: graceful restart in progress",
        "BIRD on {near} recovers after a restart",
        "BIRD has just restarted and waits for its peers' routes, at most 240 s. It passes by itself; when it stays, a "
        "peer does not come back.",
        Whose.NOWHERE,
        "wait four minutes; if it stays, on that node: sudo calicoctl node status",
        also=("BIRD6 is not ready: graceful restart in progress", "graceful restart in progress"),
    ),
    _entry(
        "felix is not ready: readiness probe reporting N",
        "Felix on {near} is not ready",
        "Felix answers and says that it is not ready: it has not yet read the datastore or written the node's rules, "
        "or it is behind. It says nothing about BGP.",
        Whose.THIS,
        f"{_POD}; kubectl logs of that pod: look for felix and for Typha",
        also=("Felix is not live: liveness probe reporting N", "felix is not ready: liveness probe reporting N"),
    ),
    _entry(
        "felix is not ready: ...",
        "Felix on {near} does not answer",
        "Felix does not answer on its health port (9099): it is starting, has died, or the port belongs to another "
        "program. It says nothing about BGP.",
        Whose.THIS,
        f"{_POD}; kubectl logs of that pod: look for felix",
        also=("Felix is not live: ...", "felix is not ready"),
    ),
    _entry(
        "bird/confd is not live: ...",
        "BIRD or confd does not run on {near}",
        "BIRD or confd does not run in that pod although it should. With CALICO_NETWORKING_BACKEND=vxlan or none they "
        "must not be in the probe (-bird-live) at all.",
        Whose.THIS,
        f"{_POD}; kubectl logs of that pod; kubectl exec of it: sv status /etc/service/enabled/bird",
        also=(
            "bird6/confd is not live: ...",
            "bird is not live: ...",
            "bird6 is not live: ...",
            "bad response from bird: ...",
            "Service bird is not running. ...",
            "Service bird6 is not running. ...",
            "Service confd is not running. ...",
        ),
    ),
    _entry(
        "BIRD is not ready: ...",
        "BIRD on {near} could not be asked",
        "The probe could not ask BIRD, or did not understand its answer. The peers are unknown.",
        Whose.THIS,
        f"on that node: sudo calicoctl node status; {_POD}; kubectl logs of that pod: look for bird:",
        also=("BIRD6 is not ready: ...", "BIRD is not ready", "BIRD6 is not ready"),
    ),
    _entry(
        "calico/node is not ready: ...",
        "calico-node on {near} is not ready",
        "calico-node's probe fails; what follows is the reason.",
        Whose.THIS,
        f"kubectl describe pod of calico-node on that node: the whole event; {_POD}",
        also=("calico/node is not ready", "calico-node is not ready"),
    ),
    _entry(
        "calico/node is not running",
        "calico-node does not run on {near}",
        "The calico-node container does not run on this node, or calicoctl was started where it cannot see the host's "
        "processes. Its peers are unknown, not absent.",
        Whose.THIS,
        f"{_POD}; kubectl describe and kubectl logs --previous of that pod",
        also=("calico-node is not running", "calico/node container is not running", "Calico node failed to start"),
        source="node/pkg/lifecycle/startup/startup.go",
    ),
)
