"""The clusters of a file run at once; a test is of each seed, and asks for what was found in its cluster."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.rig.probes.answers import Answers, Gathering


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "answers" in metafunc.fixturenames:
        clusters = metafunc.module.CLUSTERS
        metafunc.parametrize("seed", clusters, ids=lambda seed: clusters[seed].name.replace(" ", "-"))


@pytest.fixture(scope="module")
def gathering(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gathering]:
    with Gathering(request.module.CLUSTERS.values(), tmp_path_factory.mktemp("probes")) as running:
        yield running


@pytest.fixture
def answers(gathering: Gathering, seed: int) -> Answers:
    return gathering.of(seed)
