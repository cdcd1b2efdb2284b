"""A pod whose time is up: what it said by then counts, and is never taken for all that it has to say."""

import asyncio
import contextlib
import os
import sys
from datetime import UTC, datetime

import pytest

from calico_bgp.auditing.engine import audit
from calico_bgp.errors import GatherError
from calico_bgp.model.inventory import Host
from calico_bgp.model.peer import Family
from calico_bgp.model.reading import DaemonState
from calico_bgp.model.reports.report import BLIND_RULES, Severity, Verdict
from calico_bgp.parse.answer.frame import frame_answer, new_marker
from calico_bgp.parse.answer.values import Answer, BirdAnswer, BirdDetails
from calico_bgp.sources.kubernetes.connection.api import API
from calico_bgp.sources.kubernetes.connection.channels import Executed
from calico_bgp.sources.kubernetes.connection.errors import ExecNotPossibleError
from calico_bgp.sources.kubernetes.connection.limits import KubernetesLimits
from calico_bgp.sources.kubernetes.pod_command import pod_command
from calico_bgp.sources.kubernetes.readings import reading_of_pod
from calico_bgp.sources.kubernetes.source import KubernetesOptions, open_cluster
from calico_bgp.sources.node.interpret import reading_from

SLOW_NODE = "node3"
NOW = datetime(2026, 1, 1, tzinfo=UTC)
#: A kubectl that runs the command through the lab's API, and on one node stops in the middle of what came, for ever.
KUBECTL = """#!{python}
import asyncio, sys, time
from pathlib import Path
from calico_bgp.sources.kubernetes.connection.api import API
from calico_bgp.sources.kubernetes.connection.kubeconfig import load_kubeconfig
words = sys.argv[1:]
namespace, pod = words[words.index("-n") + 1], words[words.index("-n") + 2]
async def answer():
    async with API(load_kubeconfig([Path(words[1])]).access()) as api:
        return await api.exec(namespace, pod, "calico-node", words[words.index("--") + 1 :])
text = asyncio.run(answer()).stdout
if {begins!r} in text:
    sys.stdout.write(text[:text.index({ends!r}) + len({ends!r})]); sys.stdout.flush()
    time.sleep(600)
sys.stdout.write(text)
"""


#: The first of its two peers, in the table of the first BIRD that is asked.
FIRST_PEER = "Global_192_0_2_11 BGP"


@pytest.fixture
def answer(access):
    """What the pod of a node prints, the marker that frames it, and the pod."""
    marker = new_marker()
    with open_cluster(access) as cluster:
        snapshot = cluster.read([host for host in cluster.hosts if host.name == SLOW_NODE])
    (pod,) = (pod for pod in snapshot.kubernetes.pods if pod.node == SLOW_NODE)

    async def run():
        async with API(access) as api:
            return await api.exec(pod.namespace, pod.name, "calico-node", pod_command(marker))

    return asyncio.run(run()).stdout, marker, pod


def test_where_no_websocket_comes_through_a_table_that_is_cut_off_is_kept_as_such(access, monkeypatch, tmp_path):
    program = tmp_path / "kubectl"
    program.write_text(KUBECTL.format(python=sys.executable, begins=f"node\n{SLOW_NODE}\n", ends=FIRST_PEER))
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)

    async def no_websocket(*_, **__):
        raise ExecNotPossibleError("none comes through")

    monkeypatch.setattr(API, "exec", no_websocket)
    options = KubernetesOptions(limits=KubernetesLimits(connect=5, request=10, exec=6))
    with open_cluster(access, options) as cluster:
        snapshot = cluster.read([host for host in cluster.hosts if host.name in (SLOW_NODE, "node4")])
    assert snapshot.kubernetes.transport == "kubectl exec"
    assert snapshot.failures == ()
    cut, whole = snapshot.readings
    assert (cut.name, whole.name) == (SLOW_NODE, "node4")
    assert cut.raw.endswith(FIRST_PEER)
    assert (cut.complete, whole.complete) == (False, True)
    report = audit(snapshot)
    assert SLOW_NODE in report.unread
    # What is not in half a table may be in the other half.
    assert {finding.rule for finding in report.findings if finding.severity is Severity.ERROR} <= BLIND_RULES
    assert report.verdict is Verdict.UNKNOWN


def test_wherever_an_answer_is_cut_it_is_whole_only_with_all_of_its_peers(answer):
    text, marker, pod = answer
    host = Host(name=SLOW_NODE, node=SLOW_NODE)

    def read(said, cut):
        return reading_of_pod(Executed(said, cut=cut), marker, host, pod, NOW)

    uncut = read(text, None)
    states = {daemon.family: daemon.state for daemon in uncut.status.daemons}
    assert (len(uncut.peers), len(states)) == (2, 2)
    whole = 0
    for end in range(len(text)):
        try:
            reading = read(text[:end], "its time was up")
        except GatherError:
            continue
        for daemon in reading.status.daemons:
            assert daemon.state in (states[daemon.family], DaemonState.UNKNOWN), (end, daemon)
        if reading.complete:
            whole += 1
            assert (end, reading.peers) == (end, uncut.peers)
    # What BIRD says of its sessions in detail comes after all that a status is made of.
    assert 0 < whole < len(text)


@pytest.mark.parametrize("details", [True, False])
def test_of_two_families_the_second_table_may_be_cut_between_two_rows(details):
    marker = new_marker()
    greeting = "BIRD v0.3.3+birdv1.6.8 ready.\nname     proto    table    state  since       info\n"
    rows = [
        f"Mesh_{end} BGP      master   up     10:00:00  Established   "
        for end in ("192_0_2_2", "2001_db8__2", "2001_db8__3")
    ]
    birds = (
        BirdAnswer(Family.IPV4, "birdcl", 0, f"{greeting}{rows[0]}"),
        BirdAnswer(Family.IPV6, "birdcl", 0, greeting + "\n".join(rows[1:])),
    )
    more = tuple(BirdDetails(family, "birdcl", "BIRD v0.3.3+birdv1.6.8 ready.") for family in Family if details)
    text = frame_answer(marker, Answer(node=SLOW_NODE, birds=birds, details=more))
    host = Host(name=SLOW_NODE, node=SLOW_NODE)
    assert len(reading_from(text, marker, host, taken_at=NOW).peers) == 3
    for end in range(len(text)):
        with contextlib.suppress(GatherError):
            reading = reading_from(text[:end], marker, host, taken_at=NOW, cut="its time was up")
            assert not reading.complete or len(reading.peers) == 3, text[:end]
