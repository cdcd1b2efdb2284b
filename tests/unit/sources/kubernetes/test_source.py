"""A cluster read through the API of the lab: what is read, and what is said of what cannot be."""

import asyncio
import threading

import pytest

from calico_bgp.auditing.engine import audit
from calico_bgp.errors import GatherError
from calico_bgp.model.reports.report import Verdict
from calico_bgp.sources.gather import gather
from calico_bgp.sources.kubernetes.connection.access import Access
from calico_bgp.sources.kubernetes.connection.errors import APIError
from calico_bgp.sources.kubernetes.source import open_cluster, read_cluster
from calico_bgp.sources.ssh.gatherer import SSHGatherer
from calico_bgp.sources.ssh.options import SSHOptions
from tests.unit.sources.kubernetes.conftest import QUICK


def rows(snapshot):
    return {
        (reading.name, peer.family, peer.address_text, peer.protocol_state, peer.info)
        for reading in snapshot.readings
        for peer in reading.peers
    }


def test_every_node_with_its_resources_in_one_run(lab, read):
    snapshot = read()
    assert [reading.name for reading in snapshot.readings] == [f"node{n}" for n in range(1, 7)]
    assert snapshot.failures == ()
    assert len(snapshot.resources.nodes) == 6
    assert snapshot.kubernetes.api_group == "projectcalico.org/v3"
    assert snapshot.kubernetes.transport == "direct"
    assert len(snapshot.kubernetes.pods) == 6
    assert audit(snapshot).verdict is Verdict.HEALTHY


def test_the_same_rows_as_over_ssh(lab, read):
    lab.set_faults(["wrong-as:node4,node1"])
    over_ssh = gather(
        lab.hosts, SSHGatherer(SSHOptions(known_hosts=(lab.known_hosts,), ssh_config="none", agent=False))
    )
    assert rows(read()) == rows(over_ssh)


def test_progress_is_told_as_it_comes(read):
    came = []
    read(on_result=lambda host, result: came.append(host.name))
    assert sorted(came) == [f"node{n}" for n in range(1, 7)]


def test_inside_a_running_event_loop(read):
    async def notebook():
        return read()

    assert len(asyncio.run(notebook()).readings) == 6


def test_some_nodes_only(access):
    with open_cluster(access, QUICK) as cluster:
        snapshot = cluster.read(cluster.hosts[:2])
    assert len(snapshot.readings) == 2
    assert snapshot.limited


@pytest.mark.parametrize(
    "fault", ["exec-hangs:node3", "exec-endless:node3", "pod-missing:node3", "pod-crash-looping:node3"]
)
def test_a_node_whose_pod_does_not_answer_costs_itself(lab, read, fault):
    lab.set_api_faults([fault])
    snapshot = read()
    assert [failure.host for failure in snapshot.failures] == ["node3"]
    assert len(snapshot.readings) == 5
    assert audit(snapshot).verdict is not Verdict.HEALTHY


def test_who_may_not_exec_is_told_once_and_asks_no_pod(lab, read):
    lab.set_api_faults(["exec-forbidden"])
    snapshot = read()
    assert len(snapshot.failures) == 6
    assert {failure.message for failure in snapshot.failures} == {
        "the user may not run commands in the pods of calico-system (pods/exec)"
    }
    assert snapshot.kubernetes.exec_forbidden is True
    assert snapshot.resources is not None, "everything else still works"
    assert audit(snapshot).verdict is Verdict.UNKNOWN


def test_a_login_that_expires_is_said_of_every_node(lab, read):
    lab.set_api_faults(["token-expires"])
    assert {failure.message for failure in read().failures} == {"exec: the login is not accepted (401)"}


def test_crds_where_calicos_api_server_is_down(lab, read):
    lab.set_api_faults(["api-group-down"])
    snapshot = read()
    assert snapshot.kubernetes.api_group == "crd.projectcalico.org/v1"
    assert "read were the CRDs instead" in snapshot.kubernetes.not_read[0].why
    assert any("CRDs" in each.why for each in audit(snapshot).not_checked)
    assert snapshot.resources.bgp_peers


def test_stale_crds_are_not_read_where_calicos_api_answers(lab, read):
    lab.set_api_faults(["stale-crds"])
    snapshot = read()
    assert snapshot.kubernetes.api_group == "projectcalico.org/v3"
    assert audit(snapshot).verdict is Verdict.HEALTHY
    lab.set_api_faults(["stale-crds", "api-group-down"])
    assert audit(read()).verdict is not Verdict.HEALTHY, "the lab's stale objects ask for other peers"


def test_a_list_that_breaks_off_is_an_error(lab, read):
    lab.set_api_faults(["answer-cut"])
    with pytest.raises(APIError, match=r"the answer of the API server at 127\.0\.0\.1:\d+ breaks off in the middle"):
        read()


def test_a_dead_machine_is_unread_and_found(lab, read):
    lab.set_faults(["node-down:node3"])
    snapshot = read()
    assert [failure.host for failure in snapshot.failures] == ["node3"]
    report = audit(snapshot)
    assert (report.causes[0].kind, report.causes[0].subjects[0].node) == ("node-down", "node3")


def test_a_wrong_token_is_refused_in_words(lab, access):
    wrong = Access(context="lab", server=access.server, ca_data=access.ca_data, token="wrong")
    with pytest.raises(APIError, match=r"does not accept this login \(401\)"):
        read_cluster(wrong, QUICK)


def test_a_certificate_that_is_not_trusted(lab, access):
    with pytest.raises(APIError, match=r"certificate of 127\.0\.0\.1:.* is not trusted"):
        read_cluster(Access(context="lab", server=access.server, token=access.token), QUICK)


def test_insecure_skips_the_check(lab, access):
    open_access = Access(context="lab", server=access.server, token=access.token, insecure=True)
    assert len(read_cluster(open_access, QUICK).readings) == 6


def test_nobody_listens(access):
    with pytest.raises(APIError, match="does not answer"):
        read_cluster(Access(context="lab", server="https://127.0.0.1:9", token="t"), QUICK)


def test_a_token_with_a_line_break_cannot_become_a_header(lab, access):
    bad = Access(context="lab", server=access.server, ca_data=access.ca_data, token="a\r\nX: y")
    with pytest.raises(GatherError, match="characters that no token has"):
        read_cluster(bad, QUICK)


def test_a_token_file_is_read_again(lab, access, tmp_path):
    token = tmp_path / "token"
    token.write_text(access.token + "\n")
    by_file = Access(context="lab", server=access.server, ca_data=access.ca_data, token="stale", token_file=token)
    assert len(read_cluster(by_file, QUICK).readings) == 6


def test_no_thread_is_left(lab, read):
    before = {thread.name for thread in threading.enumerate()}
    read()
    assert "calico-bgp-kubernetes" not in {thread.name for thread in threading.enumerate()} - before


@pytest.mark.parametrize(
    ("fault", "kind", "verdict"),
    [
        ("pod-crash-looping:node3", "pod-crash-looping", Verdict.UNHEALTHY),
        ("pod-missing:node3", "pod-missing", Verdict.UNHEALTHY),
        ("exec-forbidden", "exec-forbidden", Verdict.UNKNOWN),
    ],
)
def test_what_kubernetes_tells_is_the_first_cause(lab, read, fault, kind, verdict):
    lab.set_api_faults([fault])
    report = audit(read())
    assert (report.verdict, [cause.kind for cause in report.causes]) == (verdict, [kind])
    assert report.causes[0].fixes
    assert report.unexplained == ()


def test_every_fault_of_the_labs_catalogue_has_the_same_first_cause_as_over_ssh(lab, read):
    for fault in ("bird-down:node4", "lost-label:node1", "reinstalled", "duplicate-address:node4,node5"):
        lab.set_faults([fault])
        options = SSHOptions(known_hosts=(lab.known_hosts,), ssh_config="none", agent=False)
        over_ssh = gather(lab.hosts, SSHGatherer(options))
        through_api = read()
        with_resources = over_ssh.model_copy(update={"resources": through_api.resources})
        assert audit(through_api).causes[0].kind == audit(with_resources).causes[0].kind, fault


def test_a_wrong_address_is_mended_where_this_cluster_sets_it(lab, read):
    lab.set_faults(["wrong-address:node3"])
    cause = audit(read()).causes[0]
    assert cause.kind == "wrong-address"
    commands = [step.kubectl for fix in cause.fixes for step in fix.steps]
    assert any("kubectl patch installations.operator.tigera.io default" in str(command) for command in commands)
    assert not any("set env daemonset" in str(command) for command in commands)


def test_a_node_whose_own_table_shows_all_peers_disabled_has_one_certain_cause(lab, read):
    lab.set_faults(["disabled-peer:node5"])
    snapshot = read()
    own = next(reading for reading in snapshot.readings if reading.host == "node5")
    assert {row.protocol_state for row in own.peers} == {"down"}
    report = audit(snapshot)
    (cause,) = report.causes
    assert (cause.kind, cause.confidence.value, [s.node for s in cause.subjects]) == (
        "disabled-peer",
        "certain",
        ["node5"],
    )
    assert report.unexplained == ()
    steps = [step.kubectl for step in cause.fixes[0].steps]
    assert [command.rpartition(" enable ")[2] for command in steps] == ["Global_192_0_2_11", "Global_192_0_2_12"]


def test_one_disabled_peer_of_several_is_the_pairs(lab, read):
    lab.set_faults(["disabled-peer:node5,node1"])
    (cause,) = audit(read()).causes
    assert (cause.kind, cause.confidence.value) == ("disabled-peer", "certain")
    assert {cause.subjects[0].a, cause.subjects[0].b} == {"node1", "node5"}
