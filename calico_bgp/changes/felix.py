"""Which routes to other nodes Felix writes into the kernel, as a value, and its command. Nothing is run.

A FelixConfiguration decides nothing about sessions, so that the model of changes has nothing to try on it; what it
decides about kernels is in routes/network/programming.py.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from calico_bgp.changes import dialects
from calico_bgp.changes.commands import Command
from calico_bgp.model.resources import GLOBAL_CONFIG, Resources


@dataclass(frozen=True, slots=True)
class SetFelixClusterRoutes:
    """programClusterRoutes of the FelixConfiguration `default`.

    Attributes:
        value: Its value.
    """

    value: str

    def apply(self, resources: Resources) -> Resources:
        """The resources with it; the same where there is no such FelixConfiguration."""
        felix = (
            replace(one, program_cluster_routes=self.value) if one.name == GLOBAL_CONFIG else one
            for one in resources.felix
        )
        return resources.model_copy(update={"felix": tuple(felix)})

    def command(self) -> Command:
        """In the words of both programs."""
        return Command(*dialects.patch_felix(GLOBAL_CONFIG, {"programClusterRoutes": self.value}))
