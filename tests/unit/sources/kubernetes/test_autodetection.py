"""Where a cluster tells calico-node how to find its address, as its API server has it."""

import json

import pytest
from aiohttp import web

from calico_bgp.auditing.engine import audit
from calico_bgp.model.resources import Autodetection
from tests.unit.sources.kubernetes.test_hostile import answers, listed, read_from

INSTALLATION = {
    "metadata": {"name": "default"},
    "spec": {
        "registry": "registry.example/",
        "imagePullSecrets": [{"name": "pull"}],
        "calicoNetwork": {"nodeAddressAutodetectionV4": {"cidrs": ["192.0.2.0/24"]}, "mtu": 1400},
    },
}
DAEMON_SET = {
    "metadata": {"name": "calico-node", "namespace": "kube-system"},
    "spec": {
        "template": {
            "spec": {
                "containers": [
                    {
                        "name": "calico-node",
                        "env": [
                            {"name": "FELIX_TYPHAK8SSERVICENAME", "value": "typha-of-ours"},
                            {"name": "IP_AUTODETECTION_METHOD", "value": "interface=eth.*"},
                        ],
                    }
                ]
            }
        }
    },
}


def read(*, installations=None, daemon_set=None, asked=None):
    """A cluster of one node; a number is the status that a request is refused with."""

    async def handler(request):
        last = request.path.rpartition("/")[2]
        found = {"installations": installations, "calico-node": daemon_set}.get(last, ())
        if asked is not None and found != ():
            asked.append(request.path)
        if isinstance(found, int):
            return web.json_response({"message": "no"}, status=found)
        if last == "installations":
            return web.json_response(listed(*found))
        return web.json_response(found if found != () else answers(request.path))

    return read_from(handler)


def test_the_installation():
    asked = []
    snapshot = read(installations=[INSTALLATION], daemon_set=DAEMON_SET, asked=asked)
    assert snapshot.resources.autodetection == (Autodetection("Installation", "default", None, "cidr=192.0.2.0/24"),)
    assert asked == ["/apis/operator.tigera.io/v1/installations"]
    kept = json.loads(dict(snapshot.resources_raw)["autodetection.json"])["items"][0]["spec"]
    assert kept == {"calicoNetwork": {"nodeAddressAutodetectionV4": {"cidrs": ["192.0.2.0/24"]}}}


@pytest.mark.parametrize("no_operator", [404, []])
def test_the_daemon_set_where_there_is_no_operator(no_operator):
    snapshot = read(installations=no_operator, daemon_set=DAEMON_SET)
    assert snapshot.resources.autodetection == (
        Autodetection("DaemonSet", "calico-node", "kube-system", "interface=eth.*"),
    )
    assert "typha-of-ours" not in dict(snapshot.resources_raw)["autodetection.json"]


def test_one_that_the_operator_owns_is_no_place_to_set_it():
    owned = {**DAEMON_SET, "metadata": {**DAEMON_SET["metadata"], "ownerReferences": [{"kind": "Installation"}]}}
    snapshot = read(installations=403, daemon_set=owned)
    assert snapshot.resources.autodetection == ()
    note = next(each for each in audit(snapshot).not_checked if "find its addresses" in each.what)
    assert note.why.startswith("installations.operator.tigera.io: forbidden (403)")


@pytest.mark.parametrize("odd", [{}, {"metadata": []}, {"spec": {"template": 7}}, {"spec": {"calicoNetwork": "x"}}])
def test_an_odd_object_names_no_place(odd):
    found = read(installations=[odd], daemon_set=odd).resources.autodetection
    assert {one.ipv4 for one in found} <= {None}
    assert {one.ipv4 for one in read(installations=404, daemon_set=odd).resources.autodetection} <= {None}
