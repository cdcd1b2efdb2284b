"""An external peer that some nodes lack and others have: so what it has of these nodes, or the way, is wrong."""

import pytest

from calico_bgp.model.reports.cause import Confidence
from calico_bgp.model.resources import BGPPeer
from tests.unit.auditing.tables import UP, cluster, node, read, table, told

TOR = "198.51.100.1"
NAMES = ("n1", "n2", "n3", "n4")
RESOURCES = cluster(
    *(node(name, f"192.0.2.{place}/24", f"192.0.2.{place}") for place, name in enumerate(NAMES, start=1)),
    BGPPeer(name="tor", peer_ip=TOR, as_number=65001, has_password=True),
)


def tables(infos, *, cut=()):
    """A mesh whose nodes show this of the switch; pairs in `cut` do not reach each other."""
    found = {}
    for place, name in enumerate(NAMES, start=1):
        rows = [
            f"192.0.2.{m} {'Active BGP Error: Hold timer expired' if {place, m} in cut else UP}"
            for m in range(1, 5)
            if m != place
        ]
        found[name] = table(name, *rows, f"global= {TOR} {infos.get(name, UP)}")
    return found


def judged(infos, *, resources=True, cut=()):
    addresses = {name: f"192.0.2.{place}" for place, name in enumerate(NAMES, start=1)}
    return read(tables(infos, cut=cut), addresses=addresses, resources=RESOURCES if resources else None)


@pytest.mark.parametrize("resources", [True, False])
@pytest.mark.parametrize(
    ("info", "story"),
    [
        ("Active Socket: Operation timed out", "nothing comes back to them"),
        ("Active BGP Error: Hold timer expired", "nothing comes back to them"),
        ("Active Socket: Connection closed", "it does not expect them"),
        ("Active Socket: Connection refused", "it refuses their connections"),
        ("Idle Received: Peer de-configured", "its configuration lost them"),
    ],
)
def test_the_nodes_that_lack_it_are_named_and_it_is_not_called_down(info, story, resources):
    report = judged({"n2": info, "n3": info}, resources=resources)
    (cause,) = report.causes
    assert (cause.kind, cause.confidence) == ("external-session-down", Confidence.POSSIBLE)
    assert [str(subject) for subject in cause.subjects] == [f"{TOR} <-> {name} (IPv4)" for name in ("n2", "n3")]
    assert story in cause.title
    assert "2 other nodes have one" in cause.title
    assert ("BGPPeer tor (asNumber 65001, with a password) names it." in cause.explanation) is resources
    assert report.unexplained == ()


def test_a_node_whose_bird_is_gone_is_no_trouble_of_the_others():
    gone = "Calico process is running.\n\nNone of the BGP backend processes (BIRD or GoBGP) are running.\n"
    made = tables({"n2": "Active Socket: Connection closed"}) | {"n4": gone}
    up, refused = "| 192.0.2.4 | node-to-node mesh | up | 09:01:02 | Established |", "Active Socket: Connection refused"
    assert up in made["n2"]
    made = {
        name: text.replace(up, f"| 192.0.2.4 | node-to-node mesh | start | 09:01:02 | {refused} |")
        for name, text in made.items()
    }
    report = read(made, addresses={f"n{n}": f"192.0.2.{n}" for n in range(1, 5)}, resources=RESOURCES)
    assert told(report) == [("bird-down", ["n4"]), ("external-session-down", [f"{TOR} <-> n2 (IPv4)"])]


def test_what_it_says_itself_comes_first():
    assert told(judged({"n2": "Idle Received: Bad peer AS"}))[0][0] == "as-mismatch"


def test_down_for_all_is_another_cause():
    assert told(judged(dict.fromkeys(NAMES, "Active Socket: Operation timed out"))) == [("external-peer-down", [TOR])]


def test_a_node_with_trouble_of_its_own_is_no_matter_of_the_external_peer():
    report = judged({"n2": "Active Socket: Operation timed out"}, cut=[{1, 2}, {2, 3}, {2, 4}])
    assert "external-session-down" not in [kind for kind, _ in told(report)]


def test_a_peer_of_the_mesh_is_never_external():
    made = {name: text.replace("global", "node-to-node mesh") for name, text in tables({"n2": "Active"}).items()}
    assert "external-session-down" not in [kind for kind, _ in told(read(made))]


@pytest.mark.parametrize(
    ("more", "named"),
    [
        ((), " BGPPeer tor (asNumber 65001, with a password) names it."),
        (
            (BGPPeer(name="also", peer_ip=TOR, as_number=65001),),
            " BGPPeer tor (asNumber 65001, with a password), BGPPeer also (asNumber 65001) name it.",
        ),
    ],
)
def test_which_bgp_peers_name_it(more, named):
    addresses = {name: f"192.0.2.{place}" for place, name in enumerate(NAMES, start=1)}
    resources = RESOURCES.model_copy(update={"bgp_peers": (*RESOURCES.bgp_peers, *more)})
    made = tables({"n2": "Active Socket: Connection refused"})
    (cause,) = read(made, addresses=addresses, resources=resources).causes
    assert cause.explanation.endswith(f"are up as well.{named}")
