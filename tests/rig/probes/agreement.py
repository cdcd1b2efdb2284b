"""What holds in every cluster, whatever is broken there: packets find what calico_bgp says."""

from __future__ import annotations

from tests.rig.probes import judging
from tests.rig.probes.answers import Answers


class Agreement:
    """Three tests of each cluster of a file."""

    def test_what_is_observed_is_what_packets_find(self, answers: Answers) -> None:
        judging.check_observed(answers)

    def test_what_is_computed_is_what_packets_find(self, answers: Answers) -> None:
        judging.check_computed(answers)

    def test_the_verdict_is_not_better_than_what_packets_find(self, answers: Answers) -> None:
        judging.check_verdict(answers)
