"""What one node said at one moment with its circumstances, or why it said nothing. Values only."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, Field
from pydantic.dataclasses import dataclass

from calico_bgp.model.frozen import VALUES, Frozen
from calico_bgp.model.peer import Address, Family, Peer
from calico_bgp.model.routes.bird_reading import BirdReading, ProtocolReading, protocol_name
from calico_bgp.model.routes.table import RouteTable
from calico_bgp.model.stage import Stage
from calico_bgp.model.status import Daemon, DaemonState, NodeStatus
from calico_bgp.model.unrecognised import UnrecognisedLine

__all__ = [
    "Daemon",
    "DaemonState",
    "GatherFailure",
    "Moment",
    "NodeReading",
    "NodeStatus",
    "Stage",
    "UnrecognisedLine",
]


def _ours(moment: datetime) -> datetime:
    """What our own clock said: never near the ends of the calendar, where a time zone or a minute more overflows."""
    if not 1970 <= moment.year < 9000:
        raise ValueError("expected the time at which it was gathered")
    return moment


#: An aware time by our clock.
Moment = Annotated[AwareDatetime, AfterValidator(_ours)]


@dataclass(frozen=True, slots=True, config=VALUES)
class SecondHand:
    """That a reading is not the node's own answer, but what calico-node wrote about itself before.

    Attributes:
        age: How long before the reading it was written, in seconds, by the clocks of the node and ours.
        instead_of: Why the node itself did not answer.
    """

    age: int
    instead_of: str


class NodeReading(Frozen):
    """A NodeStatus with its circumstances.

    Attributes:
        host: The host as the inventory names it (Host.name); for a pasted text `file:line`.
        node: The Kubernetes node name, or None when nobody knows it.
        status: What the node said.
        addresses: The node's own addresses, as the node listed them. Loopback and link-local ones left out.
        ssh_address: The address we were connected to, None when not read over SSH.
        taken_at: Our clock when the answer arrived (aware, UTC); None for a pasted text.
        clock: The node's own clock when it answered (aware, with the node's offset); None when unknown.
        calicoctl_version: As printed, None when calicoctl was not found or did not say.
        exit_code: Of `calicoctl node status`; None when it was not run. It proves nothing.
        complete: False when the answer was cut short (output cap, i/o timeout, half a table).
        birds: What BIRD itself said beyond the table of peers, at most one per family; empty where it was not asked,
            or could not be.
        second_hand: Where it is out of a CalicoNodeStatus, as the node itself did not answer; None for its own answer.
        tables: The routes that BIRD and the kernel hold, at most one per family; empty where they were not asked for.
        raw: All that the node printed; not part of the JSON, saved beside it.
    """

    host: str
    node: str | None = None
    status: NodeStatus
    addresses: tuple[Address, ...] = ()
    ssh_address: Address | None = None
    taken_at: Moment | None = None
    clock: AwareDatetime | None = None
    calicoctl_version: str | None = None
    exit_code: int | None = None
    complete: bool = True
    birds: tuple[BirdReading, ...] = ()
    second_hand: SecondHand | None = None
    tables: tuple[RouteTable, ...] = ()
    raw: str = Field(default="", exclude=True, repr=False)

    @property
    def name(self) -> str:
        """What to call it in a report: the node's name, else the host's."""
        return self.node or self.host

    @property
    def peers(self) -> tuple[Peer, ...]:
        """The peers, in the order of the text."""
        return self.status.peers

    @property
    def lacks_routes(self) -> bool:
        """Whether a hash stands for routes that nobody has given, in one of its tables."""
        return any(table.lacks_routes for table in self.tables)

    def bird(self, family: Family) -> BirdReading | None:
        """What BIRD of a family said of itself; None where it was not asked, or could not be."""
        return next((bird for bird in self.birds if bird.family is family), None)

    def table(self, family: Family) -> RouteTable | None:
        """The routes of a family; None where they were not read."""
        return next((table for table in self.tables if table.family is family), None)

    def protocol_of(self, peer: Peer) -> ProtocolReading | None:
        """All that BIRD says of a row of the table; None where it was not asked for that."""
        bird = self.bird(peer.family)
        name = protocol_name(peer)
        return None if bird is None or name is None else bird.protocol(name)


class Silent(StrEnum):
    """Who gave no answer until the time was up."""

    HOST = "host"
    """No connection came about, and nothing refused it: the host may be off."""
    BIRD = "bird"
    """The node answered, and its BIRD took the connection to its control socket and said nothing."""


#: Why a node was not read, of snapshots that say no more than at which stage.
_STAGES = {
    Stage.RESOLVE: "name not known",
    Stage.CONNECT: "no connection",
    Stage.HOST_KEY: "host key refused",
    Stage.AUTHENTICATE: "login refused",
    Stage.COMMAND: "command failed",
    Stage.TIMEOUT: "no answer in time",
    Stage.PARSE: "answer not understood",
}


class GatherFailure(Frozen):
    """A node that could not be read. It is a value: nothing that a node does ends a run.

    Attributes:
        host: The host as the inventory names it.
        node: Its node name where the inventory gives it.
        stage: Where it failed.
        message: What happened, in words.
        hint: What to do about it, or None.
        last_known: What a CalicoNodeStatus of the node said, and how old that is. Nobody knows whether it still holds.
        reason: What happened, in a few words that are the same for every such host: `host key unknown`.
        option: The option of ours with which all such hosts can be read, or None.
        remedy: What else to do about all of them alike; None where each needs something else.
        ssh_address: The address we tried, None when the name did not resolve.
        silent: Whom we waited for in vain; None where another one held us up, or nobody did.
        raw: What the node printed, if anything; not part of the JSON.
    """

    host: str
    node: str | None = None
    stage: Stage
    message: str
    hint: str | None = None
    last_known: str | None = None
    reason: str | None = None
    option: str | None = None
    remedy: str | None = None
    ssh_address: Address | None = None
    silent: Silent | None = None
    raw: str = Field(default="", exclude=True, repr=False)

    @property
    def short(self) -> str:
        """Why, in a few words that are the same for every such host."""
        return self.reason or _STAGES[self.stage]
