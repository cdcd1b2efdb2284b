"""`calico-bgp demo --fault`: a fault of the catalogue, healthy, broken and fixed; exit code 0 when it was told."""

from __future__ import annotations

import re

import pytest
from click.testing import CliRunner

from calico_bgp.causes.families import CAUSE_KINDS
from calico_bgp.cli.demonstration import fault as demo_fault
from calico_bgp.cli.simulated import demo
from calico_bgp.errors import CalicoBGPError
from calico_bgp.lab.faults.catalogue import CATALOGUE, ENTRIES
from calico_bgp.lab.faults.fault import FaultError
from calico_bgp.lab.faults.kinds import FaultKind
from calico_bgp.lab.servers.kubernetes.faults import API_CATALOGUE, API_ENTRIES, APIFaultKind


def play(*arguments):
    return CliRunner().invoke(demo.command, list(arguments), standalone_mode=False, env={"COLUMNS": None})


@pytest.mark.parametrize(
    ("fault", "topology", "cause"),
    [
        ("lost-label:node1", "reflectors", "reflector-lost-label"),
        ("bird-down", "mesh", "bird-down"),
        ("tor-down", "reflectors", "external-peer-down"),
        ("refused-config", "mesh", "refused-configuration"),
        ("replaced:node1", "reflectors", "reflector-reinstalled"),
        ("reflector-removed:node2", "reflectors", "reflector-removed"),
        ("wrong-address", "mesh", "wrong-address"),
        ("own-routes-lost", "reflectors", "own-protocol-down"),
        ("import-limit:node5,node1", "reflectors", "import-limit-hit"),
        ("block-twice", "mesh", "block-announced-twice"),
        ("kernel-behind", "mesh", "kernel-behind-bird"),
        ("pool-not-exported", "mesh", "pool-not-exported"),
        ("filter-rejects", "reflectors", "filter-rejects-routes"),
        ("host-key-changed:node3", "reflectors", "node-unreadable-only"),
    ],
)
def test_a_fault_is_shown_and_told(fault, topology, cause):
    result = play("--fault", fault, "--topology", topology)
    assert cause in CAUSE_KINDS
    assert result.return_value == 0, result.output
    meaning = ENTRIES[FaultKind(fault.partition(":")[0])].meaning
    shown = re.search("      (?:impact|#  WHERE)  ", result.output)
    assert shown is not None
    told = [result.output.index(text) for text in ("    HEALTHY: all", meaning, shown[0], "4. Fixed")]
    assert told == sorted(told)
    assert result.output.count("    HEALTHY: all") == 2


def test_the_commands_that_mend_it_are_shown():
    result = play("--fault", "lost-label:node1")
    assert "kubectl label node node1 route-reflector=true" in result.output


@pytest.mark.parametrize("kind", list(APIFaultKind))
def test_every_fault_of_the_api_is_shown_and_told(kind):
    result = play("--fault", kind)
    assert result.return_value == 0, result.output
    entry = API_ENTRIES[kind]
    told = [result.output.index(text) for text in ("    HEALTHY: all", entry.meaning, "4. Fixed")]
    assert told == sorted(told)
    assert ("nothing could be read" in result.output) is (kind is APIFaultKind.ANSWER_CUT)


def test_a_fault_of_the_api_befalls_the_node_that_is_named_in_any_topology():
    result = play("--fault", "pod-missing:node3", "--topology", "mesh")
    assert result.return_value == 0, result.output
    assert "No calico-node pod runs on node3." in result.output


def test_a_fault_that_an_audit_has_nothing_to_tell_of():
    result = play("--fault", "calicoctl-missing")
    assert result.return_value == 0
    assert "impact" not in result.output


def test_a_restart_is_over_only_later():
    result = play("--fault", "bird-restart")
    assert result.return_value == 0
    assert "! BIRD on node6 has just restarted and recovers" in result.output


def test_a_fault_that_is_not_told_is_a_failure(monkeypatch):
    real = demo_fault.audit
    monkeypatch.setattr(demo_fault, "audit", lambda snapshot: real(snapshot).model_copy(update={"causes": ()}))
    result = play("--fault", "bird-down")
    assert result.return_value == 1
    assert "did not go as it should: no cause was named; it is bird-down" in result.output


def test_another_cause_than_the_fault_is_a_failure(monkeypatch):
    real = demo_fault.audit

    def wrong(snapshot):
        report = real(snapshot)
        causes = tuple(cause.model_copy(update={"kind": "rack-down"}) for cause in report.causes)
        return report.model_copy(update={"causes": causes})

    monkeypatch.setattr(demo_fault, "audit", wrong)
    result = play("--fault", "bird-down")
    assert result.return_value == 1
    assert "rack-down was named as the cause; it is bird-down" in result.output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--fault", "lost-lable"], "Did you mean 'lost-label'?"),
        (["--fault", "exec-forbiden"], "Did you mean 'exec-forbidden'?"),
        (["--fault", "exec-forbidden:node3"], "befalls the whole API; name no node"),
        (["--fault", "pod-missing:node9"], "no node 'node9'"),
        (["--fault", "lost-label", "--topology", "mesh"], "needs the topology reflectors"),
        (["--fault", "wrong-as:node3,node5"], "have no session with each other"),
        (["--fault", "bird-down:node9"], "no node 'node9'"),
    ],
)
def test_what_does_not_fit_is_explained(arguments, message):
    result = play(*arguments)
    assert isinstance(result.exception, FaultError)
    assert isinstance(result.exception, CalicoBGPError)
    assert message in str(result.exception)


def test_a_topology_alone_is_refused(run_cli):
    done = run_cli("demo", "--topology", "mesh")
    assert done.exit_code == 2
    assert "--topology goes with --fault" in done.stderr


def test_every_fault_is_listed_with_its_meaning(run_cli):
    listed = run_cli("demo", "--list-faults")
    assert listed.exit_code == 0
    assert listed.stdout == run_cli("lab", "faults").stdout
    for entry in CATALOGUE:
        assert f"{entry.kind} " in listed.stdout
        assert entry.meaning in listed.stdout
    help_text = " ".join(run_cli("demo", "--help").stdout.split())
    for fault in API_CATALOGUE:
        assert f"{fault.kind} " in listed.stdout
        assert fault.meaning in listed.stdout
        assert fault.kind in help_text


@pytest.mark.parametrize("fault", ["export-rejected", "exec-forbidden", "programmed-twice"])
def test_it_fits_80_columns_but_for_commands(fault):
    """The first lines had 90: what is healthy, and what is broken, was written as one line."""
    shown = play("--fault", fault, "--width", "80").output
    too_long = [line for line in shown.splitlines() if len(line) > 80]
    assert [line for line in too_long if not re.match(r" +(kubectl|calicoctl) ", line)] == []
    assert len(shown.splitlines()) > 15
