"""PEER TYPE, STATE, and the first word of INFO, in words."""

from __future__ import annotations

from calico_bgp.messages.info.entry import InfoWords, Part, Whose

_BIRD_TEMPLATE = (
    "Calico confd/etc/calico/confd/templates/bird.cfg.template; calicoctl/calicoctl/commands/node/status.go"
)

PEER_TYPES = (
    InfoWords(
        Part.PEER_TYPE,
        "node-to-node mesh",
        "a peer of the node-to-node mesh",
        "Calico made this peer by itself: the mesh is on, and neither node has a route-reflector cluster ID.",
        Whose.RESOURCES,
        "calicoctl get bgpConfiguration default -o yaml: nodeToNodeMeshEnabled (true when unset)",
        _BIRD_TEMPLATE,
    ),
    InfoWords(
        Part.PEER_TYPE,
        "global",
        "a peer that every node has",
        "A BGPPeer with neither node nor nodeSelector made this peer, so every node has it. A nodeSelector that YAML "
        "read as a tag (!has(...) without quotes) is empty, too.",
        Whose.RESOURCES,
        "calicoctl get bgpPeer -o wide: the one without node and nodeSelector",
        _BIRD_TEMPLATE,
    ),
    InfoWords(
        Part.PEER_TYPE,
        "node specific",
        "a peer of some nodes",
        "A BGPPeer with node or nodeSelector made this peer, or it is the other half of one: the nodes that a BGPPeer "
        "names as peers get the nodes at its near end back, unless it says reversePeering: Manual.",
        Whose.RESOURCES,
        "calicoctl get bgpPeer -o wide: those whose node, nodeSelector or peerSelector fit this node",
        _BIRD_TEMPLATE,
    ),
    InfoWords(
        Part.PEER_TYPE,
        "local workload",
        "a workload on this node that speaks BGP",
        "A BGPPeer with localWorkloadSelector made this peer. calicoctl never shows it; BIRD itself does.",
        Whose.THIS,
        "look at the pod: it has to dial, BIRD waits for it",
        _BIRD_TEMPLATE,
    ),
)

_PROTOCOL = "BIRD nest/proto.c proto_state_name"

PROTOCOL_STATES = (
    InfoWords(
        Part.PROTOCOL_STATE,
        "up",
        "is up",
        "The session is there and its routes are exchanged.",
        Whose.NOWHERE,
        "nothing to do",
        _PROTOCOL,
    ),
    InfoWords(
        Part.PROTOCOL_STATE,
        "start",
        "is starting",
        "There is no session: BIRD tries to bring it up, or waits for the other end. INFO says how far it is and why "
        "the last try failed. No route comes or goes.",
        Whose.BOTH,
        "read INFO of this row and of the row at the other end: sudo calicoctl node status on both",
        _PROTOCOL,
    ),
    InfoWords(
        Part.PROTOCOL_STATE,
        "wait",
        "is up and holds back its own routes",
        "BIRD has just started in graceful-restart recovery (Calico starts it with -R). Until all its peers have "
        "recovered, at most 240 s, it announces none of its own routes, although the other end already shows up.",
        Whose.NOWHERE,
        "wait four minutes, then look again",
        f"{_PROTOCOL}; proto.c graceful_restart_recovery",
    ),
    InfoWords(
        Part.PROTOCOL_STATE,
        "feed",
        "is up and sends its first routes",
        "The session is Established and BIRD is just now handing it the whole table. It lasts a moment.",
        Whose.NOWHERE,
        "look again in a few seconds; if it stays, BIRD is overloaded: look at the CPU of this node",
        _PROTOCOL,
    ),
    InfoWords(
        Part.PROTOCOL_STATE,
        "stop",
        "is stopping",
        "The session is being ended; BIRD still has to close the connection.",
        Whose.THIS,
        "look again in a few seconds; somebody disabled or removed the peer, or BIRD is shutting down",
        _PROTOCOL,
    ),
    InfoWords(
        Part.PROTOCOL_STATE,
        "down",
        "is disabled",
        "The peer is configured but not running: somebody ran `birdcl disable`, or BIRD shut it down by itself (INFO "
        "then has the error). calicoctl leaves such a row out unless INFO has an error; BIRD's own `show protocols` "
        "has it.",
        Whose.THIS,
        "in calico-node on this node: birdcl -s /var/run/calico/bird.ctl show protocols all NAME (bird6.ctl for IPv6), "
        "and enable NAME likewise",
        _PROTOCOL,
    ),
    InfoWords(
        Part.PROTOCOL_STATE,
        "flush",
        "is removing its routes",
        "The session has ended and BIRD is taking its routes out of the table. It lasts a moment, and calicoctl leaves "
        "such a row out.",
        Whose.THIS,
        "look again in a few seconds",
        _PROTOCOL,
    ),
)

_FSM = "RFC 4271 section 8.2.2; BIRD proto/bgp/bgp.c bgp_state_dsc"

BGP_STATES = (
    InfoWords(
        Part.BGP_STATE,
        "Idle",
        "is idle and says no reason: it waits to try again, or another protocol has this neighbour",
        "BIRD is not trying now: it waits after an error, or has just started. An Idle without an error that stays for "
        "minutes is a second protocol for the same neighbour (a mesh peer and a BGPPeer, or ip and ip:179): BIRD runs "
        "only one.",
        Whose.THIS,
        "with an error: read it; without: look for a second row with this address, and calicoctl get bgpPeer -o wide",
        _FSM,
    ),
    InfoWords(
        Part.BGP_STATE,
        "Connect",
        "is dialling {far}",
        "BIRD has sent the first TCP packet to the other end's BGP port and has no answer yet. When it stays so, the "
        "packets or the answers are dropped, or the TCP passwords differ.",
        Whose.BETWEEN,
        "from this node: nc -vz ADDRESS 179",
        _FSM,
    ),
    InfoWords(
        Part.BGP_STATE,
        "Active",
        "is waiting to dial {far} again",
        "The last try to connect failed; BIRD waits before it dials again, and takes a call meanwhile. Active is not a "
        "good sign: there is no session.",
        Whose.BETWEEN,
        "read the error behind it; from this node: nc -vz ADDRESS 179",
        _FSM,
    ),
    InfoWords(
        Part.BGP_STATE,
        "OpenSent",
        "reached {far} and sent OPEN, but has no OPEN back",
        "TCP works and BIRD has sent its OPEN, but the other end has not sent one. When it stays so, the other BIRD "
        "hangs, or something between takes the connection and lets no data through.",
        Whose.OTHER,
        "look at BIRD on the other end: sudo calicoctl node status there",
        _FSM,
    ),
    InfoWords(
        Part.BGP_STATE,
        "OpenConfirm",
        "exchanged OPEN with {far} and waits for the first KEEPALIVE",
        "Both ends have agreed; only the first KEEPALIVE is missing. When it stays so, large or later packets are "
        "lost: a wrong MTU, or a firewall that cuts connections once data flows.",
        Whose.BETWEEN,
        "from this node: ping -M do -s 1400 ADDRESS; look at firewalls that inspect BGP",
        _FSM,
    ),
    InfoWords(
        Part.BGP_STATE,
        "Established",
        "is Established",
        "The session is up. With the state up, routes flow. BIRD keeps showing it after a cut until the hold time runs "
        "out, up to 240 s.",
        Whose.NOWHERE,
        "nothing to do",
        _FSM,
    ),
    InfoWords(
        Part.BGP_STATE,
        "Close",
        "is closing the session",
        "BIRD is closing the connection. It lasts a moment.",
        Whose.THIS,
        "look again in a few seconds",
        _FSM,
    ),
    InfoWords(
        Part.BGP_STATE,
        "Passive",
        "waits for {far} to dial",
        "BIRD waits for the other end to dial and never dials itself. Calico makes one end of a mesh session passive: "
        "that with the address that comes first as text. Without an error it says nothing by itself: the reason is at "
        "the other end.",
        Whose.OTHER,
        "read the row for this node on the other end: sudo calicoctl node status there",
        f"{_FSM}; Calico confd/pkg/backends/calico/bgp_processor.go",
    ),
    InfoWords(
        Part.BGP_STATE,
        "Down",
        "is disabled",
        "The protocol is down. BIRD 2 prints this word; Calico's BIRD prints none.",
        Whose.THIS,
        "in calico-node on this node: birdcl show protocols all NAME",
        "BIRD 2 proto/bgp/bgp.c bgp_state_dsc",
    ),
)

_BOTH = "BIRD nest/proto.c proto_state_name; proto/bgp/bgp.c bgp_state_dsc"

TOGETHER = (
    InfoWords(
        Part.TOGETHER,
        "up Established",
        "is Established",
        "Healthy: the session is up and routes flow. After a cut it stays so until the hold time runs out, up to 240 "
        "s.",
        Whose.NOWHERE,
        "nothing to do",
        _BOTH,
    ),
    InfoWords(
        Part.TOGETHER,
        "wait Established",
        "is Established and holds back its own routes while it recovers",
        "The session is up, but BIRD on this node has just restarted and recovers gracefully: it takes routes and "
        "announces none of its own until all its peers are back, at most 240 s. The other end already shows up "
        "Established.",
        Whose.NOWHERE,
        "wait four minutes; if it stays, one of this node's other peers never came back: read the other rows",
        f"{_BOTH}; nest/proto.c graceful_restart_recovery",
    ),
    InfoWords(
        Part.TOGETHER,
        "feed Established",
        "is Established and sends its first routes",
        "The session has just come up and BIRD is sending its table. It lasts a moment.",
        Whose.NOWHERE,
        "look again in a few seconds",
        _BOTH,
    ),
)
