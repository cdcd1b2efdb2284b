"""The catalogue of causes, for `--explain` and the docs: what each means, what it rests on, what looks like it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CauseKind:
    """One entry.

    Attributes:
        id: Its name everywhere: in JSON, in `--explain`, as `docs/causes/<id>.md`.
        title: A few words.
        meaning: What happened, and the source of what is said about it.
        evidence: What a cause of this kind rests on, and how sure it is by that.
        look_alikes: What looks the same from outside, or nearly, and how to tell.
        mending: What mends it.
    """

    id: str
    title: str
    meaning: str
    evidence: str
    look_alikes: str
    mending: str


_KINDS = (
    CauseKind(
        "reflector-lost-label",
        "A route reflector lost its label",
        "A node has a routeReflectorClusterID, but no BGPPeer selects it as reflector any more. It takes no part in "
        "the mesh (confd, bgp_processor.go processMeshPeers) and no client peers with it.",
        "Calico's resources: the cluster ID of the node, its labels, the peerSelector that does not match. Certain.",
        "A selector that changed on all reflectors at once (selector-matches-nothing): told apart by whether the "
        "reflectors still have a label of their own in common.",
        "The label that the peerSelector asks for.",
    ),
    CauseKind(
        "reflector-lost-cluster-id",
        "A route reflector lost its cluster ID",
        "The node is selected as reflector and its sessions are Established, but without a routeReflectorClusterID "
        "BIRD gets no `rr client` (confd's bird.cfg) and passes on nothing it learned from one client to another "
        "(RFC 4456).",
        "Calico's resources: a peerSelector that matches nodes with and without a cluster ID. Certain.",
        "Nothing: the sessions look healthy, only the resources tell.",
        "The cluster ID that the other reflectors have; where there is none left it is asked for.",
    ),
    CauseKind(
        "reflector-reinstalled",
        "A route reflector was installed anew",
        "A node comes back with the same name and a new Node object: the label by which BGPPeers select it and the "
        "annotation projectcalico.org/RouteReflectorClusterID are gone with the old one. It is a client like any other "
        "then, or, with the mesh off and no reflector left, nobody's peer.",
        "`role=reflector` in the inventory against Calico's resources. Certain.",
        "Somebody who took label and ID away on purpose: then the inventory is out of date.",
        "Label and cluster ID.",
    ),
    CauseKind(
        "reflector-removed",
        "A route reflector left the cluster",
        "Its Node is gone from the datastore and the host does not answer. A new node in its place has another name, "
        "and neither label nor cluster ID.",
        "A host of the inventory that Calico's resources do not name and that could not be read. Certain with "
        "`role=reflector` in the inventory; else likely where no reflector is left, and possible where some are.",
        "A node that was never a reflector and left: then a reflector is missing for another reason.",
        "Another node as route reflector; or the mesh.",
    ),
    CauseKind(
        "no-reflector-left",
        "No route reflector is left and the mesh is off",
        "BGPPeers ask for reflectors that no node is, and no other peers exist: BIRD runs everywhere without a peer, "
        "withdraws all routes, and calico-node is ready all the same. A Node object that is made anew has none of "
        "the old labels and "
        "annotations.",
        "Calico's resources: no cluster ID, peerSelectors that match nothing, nodeToNodeMeshEnabled: false. Certain.",
        "reflector-reinstalled says which nodes they were, where the inventory knows.",
        "Label and cluster ID for the nodes that were reflectors, or the mesh.",
    ),
    CauseKind(
        "selector-matches-nothing",
        "A peerSelector matches no node any more",
        "The reflectors are there with their cluster IDs, and the BGPPeer asks for a label that no node has: after an "
        "upgrade of Kubernetes that took node-role.kubernetes.io/master away, for instance.",
        "Calico's resources. Certain.",
        "reflector-lost-label, where the label is gone rather than the selector wrong.",
        "A selector by the label that all reflectors have and no other node, or that label.",
    ),
    CauseKind(
        "selector-matches-wrong-nodes",
        "A nodeSelector matches the wrong nodes",
        "A BGPPeer joins nodes with route reflectors, and its nodeSelector leaves out most of those that it means: a "
        "negation that is missing or too much, or a label of a few nodes.",
        "Calico's resources: nodes that no reflector serves, and the selector. Certain.",
        "node-lost-label, where most nodes have the label and a few lack it.",
        "A selector that matches them, tried in the model; kubectl and calicoctl both write it.",
    ),
    CauseKind(
        "node-lost-label",
        "A node lacks the label that its peers need",
        "BGPPeers join nodes with route reflectors by a nodeSelector, and this node has not the label that the others "
        "have: it gets no peer, as a Node does that was made anew. The other nodes are well.",
        "Calico's resources: the labels of the node, and the nodeSelector that matches the others. Certain.",
        "selector-matches-wrong-nodes, where most nodes are left out.",
        "The label.",
    ),
    CauseKind(
        "no-peers-configured",
        "The mesh is off and there is no BGPPeer",
        "nodeToNodeMeshEnabled is false and nothing takes the mesh's place, so BIRD has no peer on any node, withdraws "
        "all routes, and calico-node is ready all the same.",
        "Calico's resources. Certain.",
        "no-reflector-left, where BGPPeers are there and match nothing.",
        "The mesh; or the BGPPeers that are missing, and route reflectors for them.",
    ),
    CauseKind(
        "reflectors-not-joined",
        "Reflectors that serve different nodes do not peer with each other",
        "Each rack has its reflectors, say, and nothing joins them: the nodes of one rack learn no route of another.",
        "Calico's resources: who is served by whom, and that no session joins the reflectors. Certain.",
        "reflectors-equal-ids, where they peer and have one cluster ID.",
        "A BGPPeer among the reflectors; with equal cluster IDs also IDs of their own, for else they hand on nothing.",
    ),
    CauseKind(
        "reflectors-equal-ids",
        "Reflectors that serve different nodes have one cluster ID",
        "A reflector does not hand its clients a route whose CLUSTER_LIST holds its own cluster ID (RFC 4456, section "
        "8; BIRD proto/bgp/attrs.c). Two of one ID may only stand beside each other where every client reaches both.",
        "Calico's resources: who is served by whom, and the cluster IDs. Certain.",
        "reflectors-not-joined, where they do not peer at all.",
        "A cluster ID of its own for the reflectors of each group of clients.",
    ),
    CauseKind(
        "node-down",
        "A node is off, or cut off altogether",
        "We cannot connect to it and none of its peers has a session with it.",
        "The failed connection, and the rows of its peers. Likely.",
        "A host that is off and one whose only network is cut look alike from outside; the console tells.",
        "Power, console, network; or delete the node.",
    ),
    CauseKind(
        "node-unreadable-only",
        "A node could not be read, but its BGP works",
        "Its peers show it Established. SSH, sudo or calicoctl there is the matter, not BGP.",
        "The rows of its peers. Certain where the host answered; likely where nothing of it was heard.",
        "A host that went off within the hold time (240 s): until it is over the peers show it Established. "
        "`kubectl get node` tells.",
        "As the hint of the failure says.",
    ),
    CauseKind(
        "bird-down",
        "BIRD does not run on a node",
        "The host is up. The node announces nothing and learns nothing; its kernel keeps the routes that it had.",
        "calicoctl's message on the node, or BIRD's absence from the process list: certain. Where the node could not "
        "be read, `Connection refused` at its peers: likely.",
        "A firewall that rejects looks like it to the peers (port-refused); the node itself knows better.",
        "The log of calico-node says why it ended; a restart brings it back.",
    ),
    CauseKind(
        "felix-down",
        "Felix does not run on a node",
        "`Calico process is not running.`: new pods get no routes and no policy. BIRD may well go on; calicoctl prints "
        "no peers in this case (calicoctl, node/status.go).",
        "The message of calicoctl, and the node's peers. Certain.",
        "Nothing.",
        "The log of calico-node says why it ended; a restart brings it back.",
    ),
    CauseKind(
        "calico-node-down",
        "No calico-node runs on a node",
        "Neither Felix nor BIRD runs there: both are in one pod, which is missing, or which ends before they start.",
        "The node's own word that Felix does not run, and peers that are refused at BGP's port. Likely.",
        "Felix that died alone (felix-down), which leaves the sessions up.",
        "A restart of calico-node; where it has no pod, what the scheduler or the kubelet says of that.",
    ),
    CauseKind(
        "bird-hangs",
        "BIRD hangs",
        "The process is there and takes connections on its control socket, and answers nothing: `i/o timeout` "
        "(calicoctl, node/status.go). Its peers keep the sessions until their hold time is over, 240 s with BIRD's own "
        "value, and then drop its routes.",
        "The node's own answer to calicoctl. Likely.",
        "A host under such a load that BIRD gets no turn. `ps` tells.",
        "A restart of calico-node there, at once.",
    ),
    CauseKind(
        "socket-gone",
        "BIRD's control socket does not answer",
        "The process is there, its socket is not, or it hangs. Nobody can ask this BIRD, so its own view is unknown.",
        "calicoctl's `Error querying BIRD`; the node's peers say whether it goes on. Certain.",
        "A BIRD that hangs: then its peers show it down when the hold time is over.",
        "A restart of calico-node makes the socket anew.",
    ),
    CauseKind(
        "host-network-cut",
        "A node runs, but its network is cut",
        "We read the node, BIRD runs there, and it reaches none of its peers, while these reach each other.",
        "`No route to host` or the like at either end: likely. Mere silence, where we read the node over another "
        "address than BGP's: possible.",
        "port-dropped: a firewall that drops TCP port 179 in both directions is silent as well. `ping` tells.",
        "The link, VLAN, routes or firewall of that host; nothing in Calico.",
    ),
    CauseKind(
        "link-cut",
        "Two nodes do not reach each other",
        "One session is silent, in which both ends have the peer and both have other sessions. Something between the "
        "two drops TCP port 179.",
        "`Hold timer expired` or a socket error at both ends: likely; at one end: possible.",
        "One direction blocked and both blocked look alike in every row: TCP needs both, and after the first lost "
        "segment BIRD sends no more. `ss` on the nodes tells: who shows SYN-RECV hears the other, and is not heard.",
        "The network between the two.",
    ),
    CauseKind(
        "one-way",
        "Packets between two nodes pass in one direction only",
        "One end heard nothing for the hold time and told the other so, which received it.",
        "`BGP Error: Hold timer expired` at one end and `Received: Hold timer expired` at the other. Likely.",
        "Mostly the notification is lost, too; then it looks like link-cut.",
        "The network between the two.",
    ),
    CauseKind(
        "partition",
        "The network between two groups of nodes is cut",
        "Every session from one group to the other is silent, and none within a group is.",
        "The pattern of the sessions; the label or network that the group shares. Likely.",
        "Several nodes with network trouble of their own that share a label.",
        "The network between the groups.",
    ),
    CauseKind(
        "rack-down",
        "All nodes of a rack, zone or network are off at once",
        "Nodes that go together have one cause: power, or their top-of-rack switch.",
        "None of them can be connected to or is anyone's peer, and they are all the nodes of one rack or zone label "
        "or of one network. Likely.",
        "Several nodes that failed by themselves.",
        "The switch, the power.",
    ),
    CauseKind(
        "port-refused",
        "A node's BGP port refuses connections although BIRD runs",
        "A firewall rejects with a TCP reset, or BIRD listens on another port or address than its peers dial.",
        "`Connection refused` at two peers or more: likely; at one: possible. The node shows that BIRD runs.",
        "bird-down, where the node cannot be read.",
        "The firewall, or listenPort.",
    ),
    CauseKind(
        "port-reset",
        "Connections to a node's BGP port are reset",
        "TCP connects, then a reset comes: something inspects what flows, or another program is behind the port.",
        "`Connection reset by peer` at its peers, though the node has them as peers. Likely with two or more.",
        "A node that lacks the peer resets as well: then its own table shows no row (confd-stuck, disabled-peer, "
        "one-sided-configuration).",
        "The firewall or proxy.",
    ),
    CauseKind(
        "port-dropped",
        "Packets to a node's BGP port are silently dropped",
        "A firewall with DROP, a security group, or a HostEndpoint without failsafe ports.",
        "Sessions that others dial are silent and those that the node dials are up: likely. All are silent although "
        "SSH reaches the same address: possible.",
        "host-network-cut. `ping` tells.",
        "The firewall.",
    ),
    CauseKind(
        "port-taken",
        "Another program holds a node's BGP port",
        "BIRD says `No listening socket`: a second BGP speaker on the host was first.",
        "BIRD's own words on the node. Certain.",
        "Nothing.",
        "Stop the other program, restart calico-node.",
    ),
    CauseKind(
        "as-mismatch",
        "Two ends do not agree on an AS number",
        "`Bad peer AS` (RFC 4271, 6.2). `BGP Error` is this end's complaint, `Received` the far end's: who complains "
        "expects another AS than the far end sends.",
        "Calico's resources where they contradict each other: certain. The rows alone: likely.",
        "A BIRD that runs an old configuration: then the resources agree.",
        "The asNumber of the node, of the BGPPeer, or of the BGPConfiguration; every way is tried in the model.",
    ),
    CauseKind(
        "password-mismatch",
        "Two ends have different TCP MD5 passwords",
        "The kernel drops a segment with a wrong signature without a word (RFC 2385), so both ends see silence and say "
        "no error. Only the kernel's log has it.",
        "Two BGPPeers of which one has a password and the other none make the two ends: certain. One end ended the "
        "session for another configuration (`Other configuration change`) and neither hears the other since, or "
        "silence at both ends without any error on a session that has a password in the resources: likely. Without "
        "resources: possible.",
        "A firewall that was there from the beginning. `dmesg` tells.",
        "One Secret for both ends: in the BGPPeer that names none, or by a restart of the nodes that have an old one.",
    ),
    CauseKind(
        "duplicate-router-id",
        "Two nodes have one BGP router ID",
        "`Bad BGP identifier` (RFC 4271, 6.2; RFC 6286). Each also drops routes that carry its own ID (ORIGINATOR_ID, "
        "RFC 4456).",
        "The rows of the two. Likely.",
        "Two nodes with one IPv4 address (duplicate-address), where the resources are known.",
        "CALICO_ROUTER_ID, or the addresses.",
    ),
    CauseKind(
        "wrong-address",
        "Calico has the wrong BGP address of a node",
        "Autodetection (calico-node, IP_AUTODETECTION_METHOD) took another interface than the one that the nodes "
        "share, often a Docker bridge.",
        "No other node finds it there, and one of these: the host itself does not have the address (certain); it is a "
        "bridge's, a pod's or a /32 among others that are none, and Kubernetes knows another (certain; without "
        "InternalIPs likely); it is not the InternalIP while the other nodes use theirs (certain where only the "
        "InternalIP lies in their network, else likely). Without resources: a mesh peer's address that is a bridge's, "
        "or that no host has.",
        "A network of its own for BGP, on all nodes or where other nodes find it: then nothing is wrong.",
        "The right address at once, and the autodetection method where this cluster has it: the operator's "
        "Installation, or the environment of the DaemonSet. Where only the Node is stale, nothing but that Node.",
    ),
    CauseKind(
        "duplicate-address",
        "Two nodes have one BGP address",
        "They do not peer with each other, and every third node has one protocol for both, or two of one name, for "
        "which BIRD refuses the whole file (bgp_processor.go).",
        "Calico's resources, or the hosts themselves. Certain.",
        "One host that stands in the inventory twice.",
        "The right address of the one that does not have it.",
    ),
    CauseKind(
        "node-left",
        "A machine runs on that is no node any more",
        "Its Node was deleted: every other node drops its peer for it (confd makes peers of Nodes alone), while BIRD "
        "there runs on with the file that it had.",
        "Calico's resources, and a table without any session that is up: certain. By the tables alone, where none of "
        "its peers has a row for it: possible.",
        "Peers of which none followed a change: `kubectl get node` tells.",
        "Nothing of Calico's: let it join again, or stop it.",
    ),
    CauseKind(
        "duplicate-node-name",
        "Two machines have one node name",
        "A machine was cloned: both have one name in /var/lib/calico/nodename. Calico has one Node for the two.",
        "The name and the addresses that each of them gives itself. Certain.",
        "One machine that the inventory lists twice (rule host-listed-twice), which has the same addresses as well.",
        "A name of its own for the clone.",
    ),
    CauseKind(
        "disabled-peer",
        "A peer is disabled in BIRD",
        "Somebody ran `birdcl disable`. BIRD prints no state word for it, so calicoctl leaves the row out (calicoctl, "
        "node/status.go).",
        "BIRD's own table: certain. `Received: Administrative shutdown` at the far end: likely. A missing row alone: "
        "possible.",
        "A configuration that lacks the peer (confd-stuck). `birdcl show protocols` tells.",
        "`birdcl enable NAME`.",
    ),
    CauseKind(
        "one-sided-configuration",
        "Only one end of a session is configured",
        "A BGPPeer with `reversePeering: Manual` whose other half is missing: the near end dials in vain.",
        "Calico's resources. Certain.",
        "Nothing, with the resources; without them disabled-peer looks the same.",
        "`reversePeering: Auto`, or the other half.",
    ),
    CauseKind(
        "confd-stuck",
        "BIRD does not run what the resources say",
        "The resources ask for other peers than the node's BIRD has, and BIRD would take them: confd hangs, has lost "
        "its watch, or cannot write.",
        "The node's table against the resources. Likely; for most nodes at once possible, for then the resources given "
        "may be old.",
        "Resources of another day or another cluster.",
        "A restart of calico-node: confd then reads everything anew.",
    ),
    CauseKind(
        "refused-configuration",
        "A resource makes BIRD refuse the whole configuration",
        "confd checks each file with `bird -p` and keeps the old one when that fails: a peer `as 0`, two protocols of "
        "one name, a cluster ID that is none.",
        "Calico's resources. Certain.",
        "confd-stuck, where the resources are fine.",
        "What is missing in the resource.",
    ),
    CauseKind(
        "graceful-restart",
        "BIRD has just restarted and recovers",
        "Protocol state `wait`: until its peers have sent their routes, at most 240 s, it announces none of its own.",
        "The rows of the node. Certain.",
        "Nothing.",
        "Wait.",
    ),
    CauseKind(
        "young-sessions",
        "BGP was restarted or reconfigured a moment ago",
        "Sessions that have just begun say no error yet: BIRD dials again every few seconds.",
        "SINCE against the node's clock: younger than two minutes. Possible; likely where most sessions are so young.",
        "A fault that has just begun: audit again.",
        "Wait.",
    ),
    CauseKind(
        "all-sessions-down",
        "No session is up anywhere, and all say the same",
        "All nodes run BIRD and have their peers, and none reaches another: what went wrong is common to all, such as "
        "a security group, a HostEndpoint policy without TCP port 179, or a firewall rolled out everywhere.",
        "No session is Established on three nodes or more, and every row tells one story. Possible.",
        "The network itself; `nc` and `ping` between two nodes tell.",
        "TCP port 179 between all nodes, both ways.",
    ),
    CauseKind(
        "stale-address",
        "A BGPPeer or a Node names an address that no node has any more",
        "A route reflector moved and the BGPPeer's peerIP did not follow; a machine was renamed or removed and its "
        "Node is still there. The others dial an address at which nobody is (confd, client.go updatePeersV1).",
        "A peerIP with the AS of the nodes themselves, in their network or while a reflector has no peer, that no Node "
        "has: likely. A Node that the inventory lacks and nobody reaches: possible; likely where another host has its "
        "InternalIP.",
        "external-peer-down, where the AS is another one; node-down, where the machine is there.",
        "The address that the node has now, by kubectl or calicoctl; or the deletion of what is left over.",
    ),
    CauseKind(
        "external-peer-down",
        "An external peer is down for every node",
        "A top-of-rack switch or router has no session with any of the nodes that peer with it.",
        "The rows of all these nodes. Likely with two or more.",
        "The network before it.",
        "That device.",
    ),
    CauseKind(
        "pod-crash-looping",
        "The calico-node container does not run",
        "Kubernetes cannot start the container calico-node of a node, or it ends again and again: neither BIRD nor "
        "Felix runs there. Told only where the cluster is read through its API server.",
        "The state of the container: its reason, and how often it was restarted. Certain.",
        "A rollout: then the reason is ContainerCreating, and the next audit finds the pod running.",
        "Whatever the log of the container's last run says; the kubelet starts it again by itself.",
    ),
    CauseKind(
        "pod-missing",
        "No calico-node pod runs on a node",
        "A node with a BGP address has no calico-node pod, so no BIRD runs there. Told only where the cluster is read "
        "through its API server.",
        "The list of the pods. Certain.",
        "A node that is being made or removed.",
        "The DaemonSet's tolerations and nodeSelector.",
    ),
    CauseKind(
        "exec-forbidden",
        "The user may not run commands in calico-node pods",
        "Reading a BIRD through Kubernetes is an exec in its pod, for which RBAC asks `create` on pods/exec (before "
        "v1.35: `get`; KEP-4006).",
        "SelfSubjectAccessReview. Certain.",
        "Nothing.",
        "The role that `calico-bgp rbac` prints; or read the nodes over SSH.",
    ),
    CauseKind(
        "no-bgp",
        "The cluster does not use BGP: nothing is wrong",
        "BIRD runs on no node, as with CALICO_NETWORKING_BACKEND=vxlan or none.",
        "No node runs BIRD and nothing asks for it; certain where every IPPool is VXLAN.",
        "A BGP cluster whose BIRD is dead everywhere, where neither BGPPeers nor roles say that it is one.",
        "Nothing.",
    ),
)

CAUSE_KINDS: dict[str, CauseKind] = {kind.id: kind for kind in _KINDS}
