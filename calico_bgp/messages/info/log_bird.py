"""What BIRD writes into calico-node's log, in words. The errors of one session are in notifications and sockets."""

from __future__ import annotations

from calico_bgp.messages.info.entry import InfoWords, Part, Whose, pattern_of

_BGP = "BIRD proto/bgp/bgp.c"
_MAIN = "BIRD sysdep/unix/main.c"
_PEER_THERE = "on the other end: sudo calicoctl node status"


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


LOG_BIRD = (
    _entry(
        "Unexpected connect from unknown address ADDRESS (port N)",
        "somebody dials {near} from an address that is none of its peers",
        "Somebody connects to this node's BGP port from an address that is none of its peers': a node whose packets "
        "are rewritten on the way (NAT, masquerading, a VPN), one that uses another of its addresses, one whose node "
        "resource has a wrong or old address, or a stranger.",
        Whose.BOTH,
        "calicoctl get nodes -o wide: who has that address? none: ip -br address on the nodes finds who does; then "
        "compare with IP_AUTODETECTION_METHOD, or look for NAT on the way",
        _BGP,
        also=("Unexpected connect from unknown address ADDRESS",),
    ),
    _entry(
        "Socket error: bind: Address not available",
        "{near} does not have the address that BIRD should use",
        "BIRD should dial or listen from an address that this node does not have: its BGP address in Calico is not "
        "one of its own (any more).",
        Whose.THIS,
        "on that node: ip -br address; compare with calicoctl get node NODE -o yaml (spec.bgp)",
        "BIRD sysdep/unix/io.c sk_log_error",
        also=(
            "Socket error: bind: Cannot assign requested address",
            "bind: Cannot assign requested address",
            "bind: Address not available",
        ),
    ),
    _entry(
        "Socket error: bind: Address in use",
        "another program holds the BGP port on {near}",
        "Another program holds the BGP port of this node, often a second BGP daemon on the host (MetalLB, FRR, a "
        "second BIRD).",
        Whose.THIS,
        "on that node: sudo ss -lntp 'sport = :179'",
        "BIRD sysdep/unix/io.c sk_log_error",
        also=("Socket error: bind: Address already in use", "bind: Address already in use", "bind: Address in use"),
    ),
    _entry(
        "Cannot open listening socket",
        "BIRD on {near} could not open its BGP port",
        "BIRD could not open its BGP port: another program holds it, or BIRD has not the right to.",
        Whose.THIS,
        "on that node: sudo ss -lntp 'sport = :179'",
        _BGP,
    ),
    _entry(
        "Socket error: ...",
        "{near} got a socket error",
        "The system refused something that BIRD wanted of a socket; what follows is the C library's reason.",
        Whose.THIS,
        "on that node: sudo calicoctl node status; ip -br address; ip route",
        "BIRD sysdep/unix/io.c sk_log_error",
    ),
    _entry(
        "Invalid NEXT_HOP attribute in route PREFIX",
        "{near} announces a route whose next hop is not usable",
        "BIRD has a route for this peer whose next hop it cannot announce, and leaves it out: the next hop is the "
        "peer's own address, or not one of the session's network.",
        Whose.THIS,
        "in calico-node on that node: birdcl show route for PREFIX all",
        "BIRD proto/bgp/attrs.c bgp_create_attrs",
        also=("Invalid NEXT_HOP attribute in route",),
    ),
    _entry(
        "Next hop address ADDRESS resolvable through recursive route for PREFIX",
        "{near} finds a next hop only by way of a BGP route",
        "The next hop of a route is itself reached by a route of BGP, which BIRD does not follow: the routes behind it "
        "are unreachable. A pod's block or a tunnel's address holds the address of a node.",
        Whose.RESOURCES,
        "calicoctl get nodes -o wide: a node whose BGP address is in an IP pool (calicoctl get ippool -o wide)",
        "BIRD nest/rt-table.c rt_update_hostentry",
    ),
    _entry(
        "Next hop address ADDRESS is a local address of iface NAME",
        "{near} is told to send packets to itself",
        "The next hop of a route is this node's own address: two nodes have one address, or a peer announces this "
        "node's address as its own.",
        Whose.BOTH,
        "calicoctl get nodes -o wide: which nodes have one address?",
        "BIRD nest/rt-table.c rt_update_hostentry",
    ),
    _entry(
        "Unable to open configuration file NAME",
        "BIRD on {near} has no configuration yet",
        "BIRD has no configuration: confd has not written it. For some seconds at calico-node's start that is as it "
        "should be (BIRD is started again and again); when it stays, confd cannot read the datastore or its output was "
        "refused.",
        Whose.THIS,
        "kubectl logs of calico-node on that node: look for confd: and checkcmd; calicoctl get bgpPeer -o yaml: a "
        "peerIP without asNumber",
        _MAIN,
        also=("Unable to open configuration file",),
    ),
    _entry(
        "bird.ctl: connect: no such file or directory",
        "BIRD does not run on {near}",
        "BIRD's control socket is not there: BIRD does not run, or /var/run/calico is not mounted there.",
        Whose.THIS,
        "on that node: ls -l /var/run/calico; kubectl logs of calico-node on that node: look for bird:",
        "BIRD client/client.c",
        also=(
            "bird6.ctl: connect: no such file or directory",
            "bird.ctl: connect: connection refused",
            "bird6.ctl: connect: connection refused",
            "bird.ctl: No such file or directory",
            "Unable to connect to server control socket ...",
        ),
    ),
    _entry(
        "bird.cfg:N:N ...",
        "BIRD on {near} refuses its configuration",
        "BIRD refuses the configuration at this line, so it goes on with the old one, or does not start: every later "
        "change on this node is lost. `as 0` is a BGPPeer whose peerIP has no asNumber; a template of somebody's own "
        "is another reason.",
        Whose.RESOURCES,
        "in calico-node on that node: bird -p -c /etc/calico/confd/config/bird.cfg; calicoctl get bgpPeer -o yaml",
        f"{_MAIN} sysdep_reconfig",
        also=("bird6.cfg:N:N ...", "bird.cfg, line N: ...", "bird6.cfg, line N: ..."),
    ),
    _entry(
        "Route limit exceeded, shutting down",
        "{near} shut a session down: too many routes",
        "A peer sent more routes than its limit allows, and BIRD shut the session down.",
        Whose.BOTH,
        "in calico-node on that node: birdcl show protocols all",
        _BGP,
    ),
    _entry(
        "Incoming connection aborted",
        "{near} gave up a connection that came in",
        "A connection that came in was given up at once: the other end closed it, or a password or TTL could not be "
        "set on it.",
        Whose.BOTH,
        _PEER_THERE,
        _BGP,
    ),
    _entry(
        "Peer advertised inconsistent AS numbers",
        "{far} says two different AS numbers",
        "The two fields of the other end's OPEN that say its AS number differ: a broken or very old BGP program.",
        Whose.OTHER,
        _PEER_THERE,
        "BIRD proto/bgp/packets.c; RFC 6793 section 4",
    ),
    _entry(
        "Missing link local address on interface NAME",
        "{near} has no link-local IPv6 address there",
        "IPv6 sessions need a link-local address on that interface, and it has none: IPv6 is off on it.",
        Whose.THIS,
        "on that node: ip -6 address; sysctl net.ipv6.conf.all.disable_ipv6",
        _BGP,
    ),
    _entry(
        "State changed to NAME",
        "a protocol of {near} went to another state",
        "A session (or another protocol of BIRD's) went to that state: up is Established, start is trying, down is "
        "off, feed and wait pass by themselves. Again and again for one peer: the session flaps.",
        Whose.NOWHERE,
        "on that node: sudo calicoctl node status",
        "BIRD nest/proto.c proto_notify_state",
    ),
    _entry(
        "Reconfiguration requested by SIGHUP",
        "BIRD on {near} reads its configuration anew",
        "confd wrote a new configuration and BIRD reads it. Normal after every change; every few seconds it is not.",
        Whose.NOWHERE,
        "nothing to do; if it never stops: kubectl logs of calico-node on that node: what does confd write?",
        _MAIN,
        also=("Reconfigured", "Reconfiguring", "Graceful restart started", "Graceful restart done"),
    ),
    _entry(
        "Netlink: ...",
        "{near}'s kernel refused a route",
        "The kernel refused a route or an address that BIRD gave it: File exists is a route that another program put "
        "there, Network is unreachable one whose next hop this node cannot reach.",
        Whose.THIS,
        "on that node: ip route; who else writes routes there?",
        "BIRD sysdep/linux/netlink.c",
    ),
    _entry(
        "Time jump, delta N s",
        "{near}'s clock jumped",
        "The node's clock jumped, or the machine stood still (a paused or migrated virtual machine): hold timers may "
        "have run out meanwhile.",
        Whose.THIS,
        "on that node: timedatectl; was the machine paused, moved or overloaded?",
        "BIRD sysdep/unix/io.c",
        also=("Monotonic timer is broken",),
    ),
    _entry(
        "I/O loop cycle took N ms for N events",
        "BIRD on {near} is slow",
        "BIRD could not work for that long: the node is overloaded or out of memory. Beyond the hold time its sessions "
        "end.",
        Whose.THIS,
        "on that node: uptime; kubectl top node; limits of the calico-node container",
        "BIRD sysdep/unix/io.c",
    ),
)
