"""What changed between two snapshots. Values only; auditing/diff.py finds them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Literal

from pydantic import ConfigDict, Field

from calico_bgp.model.frozen import Frozen
from calico_bgp.model.peer import Family, Peer
from calico_bgp.model.reports.report import Finding
from calico_bgp.model.status import DaemonState


class Change(StrEnum):
    """How a thing differs. `came`: only in the later snapshot; `went`: only in the earlier one; `changed`: in both."""

    CAME = "came"
    WENT = "went"
    CHANGED = "changed"


class NodeState(StrEnum):
    """What a snapshot knows of a node that it names."""

    READ = "read"
    UNREAD = "unread"


class NodeChange(Frozen):
    """A node that came, went, or became readable or unreadable.

    Attributes:
        node: Its name, else its host.
        before: None when the earlier snapshot does not name it.
        after: None when the later snapshot does not name it.
        why: Why it could not be read, where it could not.
    """

    change: Change
    node: str
    before: NodeState | None
    after: NodeState | None
    why: str | None = None


class DaemonChange(Frozen):
    """One family's BIRD on a node that mentioned it both times."""

    node: str
    family: Family
    before: DaemonState
    after: DaemonState


class PeerChange(Frozen):
    """A peer that came, went, or whose type, state or error changed, on a node that was read both times.

    Attributes:
        node: The node in whose table it stands.
        family: The address family.
        address_text: The address as the table shows it, port included.
        before: The row in the earlier snapshot, None when it came.
        after: The row in the later snapshot, None when it went.
    """

    change: Change
    node: str
    family: Family
    address_text: str
    before: Peer | None
    after: Peer | None


class FindingChange(Frozen):
    """A finding that came, went, or whose severity changed."""

    change: Change
    before: Finding | None
    after: Finding | None

    @property
    def finding(self) -> Finding:
        """The later one, else the earlier one."""
        finding = self.after or self.before
        assert finding is not None
        return finding


class RouteChange(Frozen):
    """Routes of other nodes that came to a node, or went from it, by the tables of its BIRD and its kernel.

    Attributes:
        change: `came` or `went`.
        node: The node that has them now, or lacks them.
        family: Of the routes.
        origins: The nodes whose routes they are, sorted.
    """

    change: Change
    node: str
    family: Family
    origins: tuple[str, ...]


class Compared(StrEnum):
    """What of a node could not be compared."""

    PEERS = "peers"
    ROUTES = "routes"


class NotCompared(Frozen):
    """Something that may have changed or not, and why nobody can say. It is no difference.

    Attributes:
        node: Of which node.
        family: Of which family; None for both.
        why: Why, in words.
        what: Its peers, or the routes that it holds.
    """

    node: str
    family: Family | None = None
    why: str
    what: Compared = Compared.PEERS


class SnapshotDiff(Frozen):
    """All that differs between two snapshots.

    Attributes:
        schema_: Written as `schema`.
        before_at: When the earlier gathering began; None for pasted texts.
        after_at: When the later gathering began; None for pasted texts.
        nodes: Sorted by name.
        daemons: Sorted by node and family.
        peers: Sorted by node, family and address.
        routes: Whose routes came or went; sorted by node and family. Empty where no tables of routes were read.
        findings: Worst first. Empty when no reports were compared.
        not_compared: What could not be compared, and why.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, serialize_by_alias=True)

    schema_: Literal["calico-bgp/diff/1"] = Field(default="calico-bgp/diff/1", alias="schema")
    before_at: datetime | None = None
    after_at: datetime | None = None
    nodes: tuple[NodeChange, ...] = ()
    daemons: tuple[DaemonChange, ...] = ()
    peers: tuple[PeerChange, ...] = ()
    routes: tuple[RouteChange, ...] = ()
    findings: tuple[FindingChange, ...] = ()
    not_compared: tuple[NotCompared, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing differs, as far as it could be compared."""
        return not (self.nodes or self.daemons or self.peers or self.routes or self.findings)
