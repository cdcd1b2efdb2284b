"""A paste of real tables, and a cluster to ask."""

import pytest

from calico_bgp.lab import Lab, build_cluster


@pytest.fixture
def paste(captures, tmp_path):
    """`paste("rr_one_down")` is a file with every node's table, each after its prompt."""

    def write(scenario, version="v3.32", nodes=None):
        texts = captures.texts(version, scenario)
        path = tmp_path / f"{scenario}.txt"
        path.write_text(
            "\n".join(
                f"root@{node}:~# calicoctl node status\n{text}"
                for node, text in texts.items()
                if not nodes or node in nodes
            ),
            encoding="utf-8",
        )
        return path

    return write


@pytest.fixture
def lab():
    """A running cluster of two reflectors and two clients."""
    with Lab(build_cluster(4, reflectors=2)) as running:
        yield running


@pytest.fixture
def live(lab):
    """The arguments that read the lab over SSH."""
    return (lab.hosts_file, "--known-hosts", lab.known_hosts, "--ssh-config", "none", "--no-agent")
