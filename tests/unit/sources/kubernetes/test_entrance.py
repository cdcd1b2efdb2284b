"""gather_kubernetes(): the public way to read a cluster through its API server."""

import os
import subprocess
import sys
import time
from datetime import UTC, datetime

import pytest

from calico_bgp import (
    ConfigError,
    GatherError,
    InventoryError,
    KubernetesLimits,
    Questions,
    audit,
    gather_kubernetes,
)
from calico_bgp.lab import Lab, build_cluster


@pytest.fixture(scope="module")
def lab():
    with Lab(build_cluster(4, reflectors=2)) as running:
        yield running


def test_it_gives_readings_and_resources(lab):
    seen = []
    began = datetime(2026, 11, 30, 3, tzinfo=UTC)
    found = gather_kubernetes(kubeconfig=lab.kubeconfig, on_result=lambda host, _: seen.append(host.label), now=began)
    assert sorted(seen) == ["node1", "node2", "node3", "node4"]
    assert (found.cluster, found.taken_at, found.failures) == ("calico-bgp-lab", began, ())
    assert [node.name for node in found.resources.nodes] == ["node1", "node2", "node3", "node4"]
    assert str(audit(found).verdict) == "healthy"


def test_the_kubeconfig_may_be_a_text_and_the_cluster_have_a_name(lab):
    found = gather_kubernetes(context="calico-bgp-lab", kubeconfig=os.fspath(lab.kubeconfig), cluster="prod-1")
    assert found.cluster == "prod-1"


def test_without_a_kubeconfig_it_is_kubectls(lab, monkeypatch):
    monkeypatch.setenv("KUBECONFIG", str(lab.kubeconfig))
    assert len(gather_kubernetes(at_once=1).readings) == 4


def test_no_such_context(lab):
    with pytest.raises(ConfigError, match="no context is called 'prod-9'"):
        gather_kubernetes(context="prod-9", kubeconfig=lab.kubeconfig)


def test_a_pod_needs_no_kubeconfig(lab):
    with pytest.raises(ValueError, match="in_cluster goes without"):
        gather_kubernetes(in_cluster=True, kubeconfig=lab.kubeconfig)


@pytest.fixture
def hanging():
    with Lab(build_cluster(4, reflectors=2), api_faults=["exec-hangs:node3"]) as running:
        yield running


def test_a_pod_that_hangs_costs_its_own_node_and_no_more_time_than_is_allowed(hanging):
    began = time.monotonic()
    found = gather_kubernetes(kubeconfig=hanging.kubeconfig, limits=KubernetesLimits(exec=1.5))
    assert time.monotonic() - began < 10  # the default would be 20 s
    assert [(failure.host, "within 1.5 s" in failure.message) for failure in found.failures] == [("node3", True)]
    assert len(found.readings) == 3


@pytest.mark.parametrize(("at_once", "lost"), [(64, ["node3"]), (1, ["node3", "node4"])])
def test_the_run_has_an_end_and_who_was_not_asked_by_then_is_a_failure(hanging, at_once, lost):
    began = time.monotonic()
    limits = KubernetesLimits(exec=60, run=3)
    found = gather_kubernetes(kubeconfig=hanging.kubeconfig, limits=limits, at_once=at_once)
    assert time.monotonic() - began < 15
    assert [failure.host for failure in found.failures] == lost
    assert {(str(failure.stage), failure.message) for failure in found.failures} == {
        ("timeout", "the time for the whole run was up")
    }
    assert [reading.name for reading in found.readings] == [f"node{n}" for n in (1, 2, 4) if f"node{n}" not in lost]
    assert str(audit(found).verdict) != "healthy"


def test_what_is_asked_can_be_chosen(lab):
    (whole,) = gather_kubernetes(kubeconfig=lab.kubeconfig, only=["node4"]).readings
    assert whole.tables
    assert whole.birds
    questions = Questions(details=False, routes=False)
    (short,) = gather_kubernetes(kubeconfig=lab.kubeconfig, only=["node4"], questions=questions).readings
    assert [peer.address for peer in short.peers] == [peer.address for peer in whole.peers]
    assert (short.tables, short.birds) == ((), ())


def test_only_some_nodes(lab):
    found = gather_kubernetes(kubeconfig=lab.kubeconfig, only=["node[1-2]", "!node1"])
    assert ([reading.name for reading in found.readings], found.limited) == (["node2"], True)
    with pytest.raises(InventoryError, match="only: 'nodes9' matches no host"):
        gather_kubernetes(kubeconfig=lab.kubeconfig, only=["nodes9"])


@pytest.mark.parametrize("wrong", [{"exec": 0}, {"run": -1}, {"list": 10**6}, {"output": 0}])
def test_limits_that_cannot_work_are_refused(wrong):
    with pytest.raises(ValueError, match=f"{next(iter(wrong))} is"):
        KubernetesLimits(**wrong)


def test_a_cluster_that_does_not_answer_is_no_empty_snapshot(lab, tmp_path):
    text = lab.kubeconfig.read_text("utf-8")
    server = next(line.split()[-1] for line in text.splitlines() if line.strip().startswith("server:"))
    gone = tmp_path / "gone"
    gone.write_text(text.replace(server, "https://127.0.0.1:1"))
    with pytest.raises(GatherError) as caught:
        gather_kubernetes(kubeconfig=gone)
    assert "127.0.0.1:1" in str(caught.value)


def test_its_name_loads_nothing_that_is_not_asked_for():
    code = "import sys, calico_bgp; print('aiohttp' in sys.modules, 'sqlite3' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False False\n"
