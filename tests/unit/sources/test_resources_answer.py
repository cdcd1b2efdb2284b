"""What is read out of the answer to the resources command, and what of the resources is kept."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from calico_bgp.errors import CommandFailed, GatherTimeout
from calico_bgp.model.resources import Resources
from calico_bgp.parse.resources.reader import parse_resources
from calico_bgp.sources.resources.answer import Fetched, fetched_from
from calico_bgp.sources.resources.command import KINDS, ROUTE_KINDS
from calico_bgp.sources.resources.kept import kept_text

RESOURCES = Path(__file__).parents[2] / "fixtures/resources"
MARKER = "calico-bgp-0123456789abcdef0123456789abcdef"


def call(kind: str, body: str = "[]", *, code: int | None = 0, stderr: str = "", user: str = "login") -> str:
    head = f"\n{MARKER} stdout {user} {kind} calicoctl get {kind} -o json\n{body}"
    return head if code is None else f"{head}\n{MARKER} stderr\n{stderr}\n{MARKER} exit {code}\n"


BEGIN = f"chatter\n\n{MARKER} begin 1\n\n{MARKER} rights root\n"
END = f"\n{MARKER} end\n"


def read(text: str, cut: str | None = None) -> Fetched:
    return fetched_from(text, MARKER, name="cp1", cut=cut)


def test_every_kind_is_a_file() -> None:
    fetched = read(BEGIN + "".join(call(kind) for kind in KINDS) + END)
    assert [name for name, _ in fetched.texts] == [f"{kind}.json" for kind in KINDS]


def test_the_first_way_that_worked_counts() -> None:
    failed = call("bgpconfigurations", "", code=1, stderr="no")
    worked = "".join(call(kind, '{"kind": "List"}', user="sudo") for kind in KINDS)
    assert '"List"' in read(BEGIN + failed + worked + END).texts[0][1]


def test_a_connection_that_breaks_costs_nothing_that_was_read() -> None:
    whole = BEGIN + "".join(call(kind) for kind in KINDS)
    assert read(whole, "the connection broke").texts
    half = BEGIN + "".join(call(kind) for kind in KINDS[:3]) + call("nodes", '{"items": [', code=None)
    with pytest.raises(GatherTimeout, match="the connection broke"):
        read(half, "the connection broke")


COMPLAINT = "warning-path: Please set $HOME to a directory where you have write access.\n"


@pytest.mark.parametrize("body", ["[]", '{"kind": "List"}', '{\n "kind": "List",\n "items": []\n}'])
@pytest.mark.parametrize(
    ("before", "after"), [(COMPLAINT, ""), ("", f"\n{COMPLAINT}"), (COMPLAINT, f"\n\n{COMPLAINT}")]
)
def test_what_a_login_shell_complains_of_meanwhile_costs_nothing(before: str, body: str, after: str) -> None:
    quiet, noisy = (
        read(BEGIN + "".join(call(kind, one) for kind in KINDS) + END) for one in (body, before + body + after)
    )
    assert noisy == quiet


@pytest.mark.parametrize("body", ["[]\n[]", '{"kind": "List"}\n{}', '{"kind":\nnoise\n"List"}', '{"kind": "List"'])
def test_what_is_not_one_whole_document_is_no_answer(body: str) -> None:
    with pytest.raises(CommandFailed, match="printed no JSON"):
        read(BEGIN + "".join(call(kind, body) for kind in KINDS) + END)


def test_too_much_is_told() -> None:
    with pytest.raises(CommandFailed, match="get nodes -o json: more than 9 KiB came"):
        read(BEGIN + call("nodes", "x" * 9000, code=None), "more than 9 KiB came")


def test_a_break_among_the_kinds_that_routes_depend_on_costs_only_those() -> None:
    whole = BEGIN + "".join(call(kind) for kind in KINDS) + call(ROUTE_KINDS[0]) + call(ROUTE_KINDS[1], "[", code=None)
    fetched = read(whole, "the connection broke")
    assert [name for name, _ in fetched.texts] == [f"{kind}.json" for kind in (*KINDS, ROUTE_KINDS[0])]
    assert fetched.warning == f"not read on cp1: {ROUTE_KINDS[1]} (it did not come back)"


@pytest.mark.parametrize("text", ["", "This account is currently not available.\n"])
def test_a_host_that_runs_something_else(text: str) -> None:
    with pytest.raises(CommandFailed, match="ran"):
        read(text)


def test_many_reasons_stay_readable() -> None:
    calls = "".join(call(f"kind{n}", "", code=1, stderr=f"reason {n}") for n in range(9))
    with pytest.raises(CommandFailed, match=r"reason 0; .*reason 3 \(and 5 more\)"):
        read(BEGIN + calls + END)


def test_one_reason_is_told_once() -> None:
    both = call("bgppeers", "", code=1, stderr="no") + call("nodes", "", code=1, stderr="no", user="sudo")
    with pytest.raises(CommandFailed) as caught:
        read(BEGIN + both + END)
    assert caught.value.message == "calicoctl get bgppeers -o json: no"


def test_what_kubectl_logs_is_not_its_reason() -> None:
    log = 'E1124 17:26:54.750975   14721 memcache.go:265] "Unhandled Error" err="no group list"\nWarning: old\n'
    said = "The connection to the server localhost:8080 was refused - did you specify the right host or port?"
    with pytest.raises(CommandFailed) as caught:
        read(BEGIN + call("nodes", "", code=1, stderr=log + said) + END)
    assert caught.value.message == f"calicoctl get nodes -o json: {said}"
    assert "kubeconfig" in str(caught.value.hint)


def kept(value: Any) -> Any:
    text = kept_text(json.dumps(value))
    assert text is not None
    return json.loads(text)


LAST_APPLIED = {"kubectl.kubernetes.io/last-applied-configuration": '{"secretKeyRef":{"name":"bgp-secret"}}'}


def test_no_secret_is_kept_nor_its_name() -> None:
    reference = {"secretKeyRef": {"name": "bgp-secret", "key": "rr-password"}}
    peer = {
        "apiVersion": "crd.projectcalico.org/v1",
        "kind": "BGPPeer",
        "metadata": {
            "name": "rr",
            "annotations": LAST_APPLIED | {"projectcalico.org/metadata": json.dumps({"annotations": LAST_APPLIED})},
        },
        "spec": {"peerIP": "192.0.2.1", "password": reference},
    }
    config = {
        "apiVersion": "projectcalico.org/v3",
        "kind": "BGPConfiguration",
        "metadata": {"name": "default"},
        "spec": {"nodeMeshPassword": reference, "asNumber": 64512},
    }
    text = kept_text(json.dumps({"kind": "List", "items": [peer, config]}))
    assert text is not None
    assert "bgp-secret" not in text
    assert "rr-password" not in text
    first, second = json.loads(text)["items"]
    # That there is a password stays, for a session with it on one side only does not come up.
    assert first["spec"]["password"]["secretKeyRef"]["name"]
    assert second["spec"]["nodeMeshPassword"]["secretKeyRef"]["name"]
    assert (first["spec"]["peerIP"], second["spec"]["asNumber"]) == ("192.0.2.1", 64512)
    assert len(first["metadata"]["annotations"]) == 2


def test_a_password_written_out_is_not_kept_either() -> None:
    peer = {"kind": "BGPPeer", "metadata": {"name": "rr"}, "spec": {"password": "hunter2"}}
    assert "hunter2" not in json.dumps(kept(peer))


def test_a_kubernetes_node_keeps_what_calico_reads() -> None:
    node = {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {
            "name": "node1",
            "uid": "1",
            "labels": {"rr": "true"},
            "annotations": {"projectcalico.org/IPv4Address": "192.0.2.1/24", "other": "x"},
            "managedFields": [{}],
        },
        "spec": {"podCIDR": "10.0.0.0/24"},
        "status": {"addresses": [{"type": "InternalIP", "address": "192.0.2.1"}], "images": [{"names": ["a"]}]},
    }
    assert kept({"kind": "List", "apiVersion": "v1", "items": [node]}) == {
        "kind": "List",
        "apiVersion": "v1",
        "items": [
            {
                "apiVersion": "v1",
                "kind": "Node",
                "metadata": {
                    "name": "node1",
                    "uid": "1",
                    "labels": {"rr": "true"},
                    "annotations": {"projectcalico.org/IPv4Address": "192.0.2.1/24"},
                },
                "status": {"addresses": [{"type": "InternalIP", "address": "192.0.2.1"}]},
            }
        ],
    }


def test_calicos_own_resources_keep_their_spec() -> None:
    node = {
        "apiVersion": "projectcalico.org/v3",
        "kind": "Node",
        "metadata": {"name": "node1"},
        "spec": {"bgp": {"ipv4Address": "192.0.2.1/24", "routeReflectorClusterID": "244.0.0.1"}},
    }
    assert kept([node]) == [node]


@pytest.mark.parametrize("case", sorted(path.name for path in RESOURCES.glob("docs-*")))
def test_what_is_kept_means_the_same(case: str) -> None:
    items = [
        item for file in sorted((RESOURCES / case).glob("*.yaml")) for item in yaml.safe_load_all(file.read_text())
    ]
    assert items
    whole = json.dumps({"apiVersion": "v1", "kind": "List", "items": items})
    less = kept_text(whole)
    assert less is not None
    assert without_lines(parse_resources([("r", less)])) == without_lines(parse_resources([("r", whole)]))


def without_lines(resources: Resources) -> list[Any]:
    document = resources.model_dump()
    kinds = ("nodes", "bgp_peers", "bgp_configurations", "ip_pools")
    return [
        {name: value for name, value in item.items() if name not in ("place", "lines")}
        for kind in kinds
        for item in document[kind]
    ]


@pytest.mark.parametrize("text", ["", "null", "3", '"x"', "{", "NAME\n", "[" * 100_000, "[" * 900 + "]" * 900 + "x"])
def test_what_is_no_json_of_resources(text: str) -> None:
    assert kept_text(text) is None


@pytest.mark.parametrize(
    "value", [{"items": 3}, {"metadata": [], "spec": 3, "status": "x"}, {"metadata": {"annotations": 3}}, [[1]]]
)
def test_odd_shapes_are_left_to_the_parser(value: Any) -> None:
    assert kept_text(json.dumps(value)) is not None


def test_half_a_surrogate_pair_can_be_saved() -> None:
    text = kept_text('[{"kind": "Node", "metadata": {"name": "\\ud800"}}]')
    assert text is not None
    assert text.encode("utf-8")


def test_an_answer_of_another_kind_has_a_reason() -> None:
    """Sections that end well and are not those that were asked for, as from a host that answers something else."""
    other = call("node", "Calico process is running.").replace("get node -o json", "node status")
    with pytest.raises(CommandFailed, match="what cp1 printed is not what the command prints"):
        read(BEGIN + other + END)


def test_of_a_felix_configuration_only_what_routes_depend_on_is_kept() -> None:
    spec = {"programClusterRoutes": "Enabled", "failsafeInboundHostPorts": [{"port": 22}]}
    assert kept({"kind": "FelixConfiguration", "metadata": {"name": "default"}, "spec": spec})["spec"] == {
        "programClusterRoutes": "Enabled"
    }
