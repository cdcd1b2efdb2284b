"""What `calicoctl node status` itself says around its tables, in words."""

from __future__ import annotations

from calico_bgp.messages.info.entry import InfoWords, Part, Whose

_STATUS = "calicoctl/calicoctl/commands/node/status.go"
_POD = (
    "kubectl get pods -A -l k8s-app=calico-node -o wide --field-selector spec.nodeName=NODE, then kubectl logs of that "
    "pod"
)


def _entry(  # noqa: PLR0917 - the columns of a table
    text: str,
    short: str,
    meaning: str,
    look_at: Whose,
    next_step: str,
    also: tuple[str, ...] = (),
    pattern: str | None = None,
) -> InfoWords:
    return InfoWords(Part.CALICOCTL, text, short, meaning, look_at, next_step, _STATUS, also, pattern)


CALICOCTL = (
    _entry(
        "Calico process is running.",
        "Felix runs on {near}",
        "Felix runs on this node. It says nothing about BGP.",
        Whose.NOWHERE,
        "read the tables below it",
    ),
    _entry(
        "Calico process is not running.",
        "Felix does not run on {near}",
        "Felix is not in the process list of this node: calico-node does not run, or calicoctl was started where it "
        "cannot see the host's processes. calicoctl stops here and tells nothing about BGP.",
        Whose.THIS,
        _POD,
    ),
    _entry(
        "The BGP backend process (BIRD) is not running.",
        "BIRD does not run on {near}",
        "Neither BIRD runs on this node. With CALICO_NETWORKING_BACKEND=vxlan or none that is as it should be; "
        "otherwise this node has no BGP at all. Its peers are unknown, not absent.",
        Whose.THIS,
        _POD,
        also=("None of the BGP backend processes (BIRD or GoBGP) are running.",),
    ),
    _entry(
        "INFO: BIRDv4 process: 'bird' is not running.",
        "BIRD for IPv4 does not run on {near}",
        "The BIRD of one family (BIRDv4 bird, BIRDv6 bird6) does not run on this node; the line stands where its table "
        "would be. Its peers of that family are unknown, not absent.",
        Whose.THIS,
        _POD,
        also=("INFO: BIRDv6 process: 'bird6' is not running.",),
    ),
    _entry(
        "No IPv4 peers found.",
        "BIRD on {near} shows no IPv4 peer",
        "BIRD answered, and its answer held no row that calicoctl shows: no peer is configured, or every peer is "
        "disabled, or BIRD hung up early. It is normal for the family that a cluster does not use. On every node at "
        "once it is what a cluster looks like that has lost its route reflectors' labels.",
        Whose.THIS,
        "calicoctl get bgpPeer -o wide; calicoctl get bgpConfiguration default -o yaml; calicoctl get nodes -o wide; "
        "in calico-node on this node: birdcl show protocols",
        also=("No IPv6 peers found.",),
    ),
    _entry(
        "Error querying BIRD: unable to connect to BIRDv4 socket: ...",
        "BIRD on {near} could not be asked",
        "BIRD's control socket is not there or nobody answers on it: BIRD is starting, has died, or /var/run/calico is "
        "not mounted. It names the second socket it tried. The peers are unknown, not absent, and calicoctl exits with "
        "0.",
        Whose.THIS,
        "on this node: ls -l /var/run/calico/bird.ctl /var/run/calico/bird6.ctl; then " + _POD,
        also=("Error querying BIRD", "Error querying BIRD: unable to connect to BIRDv6 socket: ..."),
        pattern=r"Error querying BIRD(?:[: ].*)?",
    ),
    _entry(
        "Error executing command: ...",
        "calicoctl on {near} gave up",
        "calicoctl gave up; what follows is the reason. With i/o timeout BIRD hangs: it took the question and did not "
        "answer, and IPv6 was not even asked.",
        Whose.THIS,
        "on this node: is BIRD's process stopped or eating a whole CPU? Then " + _POD,
        also=("error executing command: ... i/o timeout",),
        pattern=r"Error executing command(?:[: ].*)?",
    ),
    _entry(
        "Need super user privileges: Operation not permitted",
        "calicoctl on {near} was not run as root",
        "calicoctl was not run as root, so it did not look at all.",
        Whose.THIS,
        "sudo calicoctl node status",
        also=("Need super user privileges",),
    ),
)
