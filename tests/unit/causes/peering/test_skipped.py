"""BGPPeers that Calico skips: the field that is no address, and what is written in its place."""

import json
import shlex

import pytest

from calico_bgp.model.reports.cause import Confidence
from calico_bgp.model.resources import BGPPeer
from tests.unit.auditing.tables import cluster, node, told
from tests.unit.causes.reflectors.test_layouts import as_asked

NODES = [node(f"n{n}", f"192.0.2.{n}/24") for n in (1, 2, 3)]


def judged(**fields):
    return as_asked(cluster(*NODES, BGPPeer(**{"name": "tor", "peer_ip": "192.0.2.254", "as_number": 65000} | fields)))


@pytest.mark.parametrize(
    ("fields", "patches"),
    [
        ({"reachable_by": "not-an-address"}, [{"reachableBy": "${ADDRESS:?}"}, {"reachableBy": None}]),
        ({"reachable_by": "192.0.2.253/24"}, [{"reachableBy": "192.0.2.253"}, {"reachableBy": None}]),
        ({"peer_ip": "tor.example"}, [{"peerIP": "${ADDRESS:?}"}]),
        ({"peer_ip": "192.0.2.254/32"}, [{"peerIP": "192.0.2.254"}]),
    ],
)
def test_the_field_is_named_and_its_fix_writes_an_address(fields, patches):
    report = judged(**fields)
    assert told(report) == [("bgp-peer-skipped", ["BGPPeer tor"])]
    (cause,) = report.causes
    assert cause.confidence is Confidence.CERTAIN
    assert "Calico skips tor" in cause.title
    assert report.unexplained == ()
    of_fixes = [shlex.split(step.kubectl) for fix in cause.fixes for step in fix.steps]
    assert [words[:4] for words in of_fixes] == [["kubectl", "patch", "bgppeers.projectcalico.org", "tor"]] * len(
        patches
    )
    assert [json.loads(words[-1])["spec"] for words in of_fixes] == patches
    assert all(field in step.what for fix in cause.fixes for step in fix.steps for field in patches[0])


def test_one_that_is_right_is_none():
    assert told(judged()) == []
