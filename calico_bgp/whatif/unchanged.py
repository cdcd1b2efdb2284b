"""A cluster as its resources make it: what all questions about changes of it share, worked out once. Judges nothing."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from calico_bgp.expect.engine import Expectation
from calico_bgp.model.peer import Family
from calico_bgp.routes.network.from_expected import expected_network
from calico_bgp.routes.network.network import Network
from calico_bgp.whatif.risks import Removal, Risk, Risks, risks


@dataclass(frozen=True)
class Unchanged:
    """The unchanged cluster; every expected session is taken as Established.

    Attributes:
        expectation: What Calico configures.
    """

    expectation: Expectation

    @cached_property
    def networks(self) -> dict[Family, Network]:
        """Family → its sessions, also of a family that nobody speaks."""
        return {family: expected_network(self.expectation, family) for family in Family}

    @cached_property
    def risks(self) -> dict[Family, Risks]:
        """Family → who learns whose routes, and what the loss of one more node would do; of those that are spoken."""
        return {family: risks(network) for family, network in self.networks.items() if network.speakers}

    @property
    def worst_failure(self) -> int:
        """How many pairs the loss of one more node would cut off, at worst."""
        lost = (risk.lost for family_risks in self.risks.values() for risk in family_risks.ranking if is_of_node(risk))
        return max(lost, default=0)


def is_of_node(risk: Risk) -> bool:
    """Whether it is the loss of one node."""
    return risk.removal is Removal.NODE
