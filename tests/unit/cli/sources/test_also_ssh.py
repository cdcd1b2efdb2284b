"""SSH beside the Kubernetes API: what came through either is kept."""

import pytest

from calico_bgp.cli.options.ssh import SSHOptions
from calico_bgp.cli.sources import also_ssh
from calico_bgp.model.inventory import Host
from calico_bgp.model.reading import GatherFailure, NodeReading, NodeStatus, Stage
from calico_bgp.model.snapshot import Snapshot
from calico_bgp.sources.gather import GatherInterrupted


def reading(host):
    return NodeReading(host=host, node=host, status=NodeStatus())


def test_an_interruption_costs_nothing_of_what_the_api_gave(monkeypatch):
    names = ("node1", "node2", "node3")
    failures = tuple(GatherFailure(host=name, stage=Stage.TIMEOUT, message="no") for name in names[1:])
    through_api = Snapshot(
        hosts=tuple(Host(name, node=name) for name in names), readings=(reading("node1"),), failures=failures
    )

    def interrupted(*_):
        raise GatherInterrupted(Snapshot(readings=(reading("10.0.0.2"),), complete=False))

    monkeypatch.setattr(also_ssh, "read_live", interrupted)
    inventory = (Host("10.0.0.2", node="node2"), Host("10.0.0.3", node="node3"))
    with pytest.raises(GatherInterrupted) as stopped:
        also_ssh.filled_in(through_api, inventory, SSHOptions())
    snapshot = stopped.value.snapshot
    assert [each.host for each in snapshot.readings] == ["node1", "node2"]
    assert [each.host for each in snapshot.failures] == ["node3"]
    assert not snapshot.complete


@pytest.mark.parametrize(
    ("inventory", "said"),
    [((), ""), ((Host("node7"),), "calico-bgp: 1 of the nodes that failed is not in --also-ssh's file\n")],
)
def test_nobody_is_told_of_a_file_that_was_not_given(inventory, said, capsys):
    failure = GatherFailure(host="node1", stage=Stage.TIMEOUT, message="no")
    through_api = Snapshot(hosts=(Host("node1", node="node1"),), readings=(), failures=(failure,))
    assert also_ssh.filled_in(through_api, inventory, SSHOptions()) == through_api
    assert capsys.readouterr().err == said
