"""The catalogue on real BIRD and sshd: the first cause is the fault, and the commands that are printed fix it.

Each fault once, in one of the two topologies; `make catalogue` runs all. Several labs work side by side, begun by the
first test: each test waits for what comes of its case.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path

import pytest

from calico_bgp.lab.faults.fault import FaultKind
from tests.rig.catalogue.cases import CASES, ELSEWHERE, HARMLESS, PAIRS, Case, once
from tests.rig.catalogue.lab import FAULTS, FORMS, SHARED
from tests.rig.catalogue.outcome import Outcome
from tests.rig.catalogue.worlds import Worlds
from tests.rig.machines.calico_rig import TOPOLOGIES

#: The labs work through all cases in some minutes. Seconds.
TIMEOUT = 1500.0

#: The first test waits until the labs stand, and each for a case of another topology's that is before it.
pytestmark = pytest.mark.timeout(TIMEOUT)

Job = tuple[Case, ...]


def form_of(job: Job) -> str:
    """Who runs the fix: half of the cases take kubectl, the others calicoctl."""
    return FORMS[sum(map(ord, str(job[0]))) % 2]


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worlds]:
    with Worlds(tmp_path_factory.mktemp("catalogue")) as found:
        yield found


@pytest.fixture(scope="module")
def outcomes(worlds: Worlds, request: pytest.FixtureRequest) -> dict[Job, Future[Outcome]]:
    """Every job of this test run, begun at once."""
    jobs = {item.callspec.params["job"] for item in request.session.items if _has_job(item)}
    ordered = [job for job in [(case,) for case in once()] + list(PAIRS) if job in jobs]
    return {job: worlds.submit(job[0].topology, lambda lab, j=job: lab.run(*j, form=form_of(j))) for job in ordered}


def _has_job(item: pytest.Item) -> bool:
    return "job" in getattr(getattr(item, "callspec", None), "params", {})


def _name(job: Job) -> str:
    return f"{job[0].topology}-{'+'.join(map(str, job))}"


@pytest.mark.rig
@pytest.mark.parametrize("job", [(case,) for case in once()], ids=_name)
def test_the_first_cause_is_the_fault_and_its_commands_mend_it(job: Job, outcomes: dict[Job, Future[Outcome]]) -> None:
    found = outcomes[job].result(timeout=TIMEOUT)
    assert found.causes == found.wanted, found.trouble
    assert found.is_told_by_tables, found.by_tables
    if job[0].fixes:
        assert (found.failed_before, found.failed_after_nothing) == (True, True)
        assert found.healed, (found.ran, found.trouble)
    assert found.trouble == []
    assert (found.harmed, found.innocent, found.better) == ([], [], [])


@pytest.mark.rig
@pytest.mark.parametrize("job", PAIRS, ids=_name)
def test_two_faults_at_once_are_both_named_and_nothing_else(job: Job, outcomes: dict[Job, Future[Outcome]]) -> None:
    found = outcomes[job].result(timeout=TIMEOUT)
    assert found.is_all, (found.causes, found.trouble)


@pytest.mark.rig
@pytest.mark.parametrize("topology", TOPOLOGIES)
@pytest.mark.parametrize("harmless", [(), HARMLESS], ids=["healthy", "harmless"])
def test_where_nothing_is_wrong_no_cause_is_named(worlds: Worlds, topology: str, harmless: tuple[str, ...]) -> None:
    found = worlds.submit(topology, lambda lab: lab.whole("whole", *harmless)).result(timeout=TIMEOUT)
    assert (found.causes, found.trouble, found.missing) == ([], [], 0)


def test_every_fault_of_the_catalogue_has_a_case() -> None:
    assert {case.fault for case in CASES} | set(HARMLESS) | {"recovering"} == set(FAULTS)


def test_every_fault_of_the_lab_is_played_in_the_rig() -> None:
    played = {case.fault for case in CASES} | set(HARMLESS)
    assert {str(kind) for kind in FaultKind} - played == ELSEWHERE.keys()
    here = Path(__file__).parents[1]
    assert [place for place in ELSEWHERE.values() if not (here / place.partition(":")[0]).is_file()] == []


def test_lab_and_rig_call_the_faults_alike() -> None:
    assert set(SHARED) - {"recovering"} <= {str(kind) for kind in FaultKind}
