"""One running rig per topology, shared by all scenarios: each heals what it broke."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.rig.machines.cluster import Rig
from tests.rig.machines.operator import Operator
from tests.rig.machines.plan import mesh, reflectors
from tests.rig.requirements import missing


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what is marked `rig` where this machine lacks something, and say what."""
    if not missing():
        return
    reason = pytest.mark.skip(reason=f"the rig needs {', '.join(missing())}")
    for item in items:
        if item.get_closest_marker("rig"):
            item.add_marker(reason)


@pytest.fixture(scope="session")
def running_mesh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    with Rig(mesh(4), tmp_path_factory.mktemp("mesh"), calicoctl="v3.33.0") as rig:
        yield rig


@pytest.fixture(scope="session")
def running_reflectors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    with Rig(reflectors(2, 4), tmp_path_factory.mktemp("reflectors"), calicoctl="v3.32.1") as rig:
        yield rig


@pytest.fixture
def mesh_rig(running_mesh: Rig) -> Rig:
    """Four nodes in a full mesh, IPv4 and IPv6, everything Established; calicoctl as of v3.33."""
    running_mesh.wait_established()
    return running_mesh


@pytest.fixture
def reflector_rig(running_reflectors: Rig) -> Rig:
    """Reflectors node1 and node2, clients node3 to node6, everything Established; calicoctl as of v3.32."""
    running_reflectors.wait_established()
    return running_reflectors


@pytest.fixture
def mesh_operator(mesh_rig: Rig, tmp_path: Path) -> Operator:
    """Somebody on the bastion of the mesh, with a fresh home."""
    return Operator(mesh_rig, tmp_path)


@pytest.fixture
def reflector_operator(reflector_rig: Rig, tmp_path: Path) -> Operator:
    """Somebody on the bastion of the cluster with reflectors, with a fresh home."""
    return Operator(reflector_rig, tmp_path)
