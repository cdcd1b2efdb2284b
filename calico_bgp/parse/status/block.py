"""Collects the lines of one `calicoctl node status` into a NodeStatus.

What a line is, the template says; what lines mean together, this file.

Nothing that is about pastes (prompts, comment marks, several nodes) may enter it: that is pasted.
"""

from __future__ import annotations

import re
from operator import attrgetter

from calico_bgp.errors import ParseError
from calico_bgp.model.peer import BGPState, Family, Peer
from calico_bgp.model.status import Daemon, DaemonState, NodeStatus
from calico_bgp.model.unrecognised import UnrecognisedLine
from calico_bgp.parse.grammar import Record
from calico_bgp.parse.status.peer_cells import cached_info, make_peer
from calico_bgp.parse.status.table import Table, is_peer_row

EXPECTED = "a line of `calicoctl node status`: a heading, a row of its table or one of its messages"

_FAMILY_OF = attrgetter("family")
_FAMILY = {"4": Family.IPV4, "6": Family.IPV6}
_SOCKET = re.compile(r"\bbird(6?)\.ctl|BIRDv([46])")


def _is_beginning_of_state(info: str) -> bool:
    return any(state.value.startswith(info) for state in BGPState)


class StatusBlock:
    """The lines of one status, fed one after another.

    Args:
        source: The file's name for errors.
        node: The node's name where a prompt shows it.
        line: Where the block begins; None for its first line that says something.
    """

    def __init__(self, source: str = "-", node: str | None = None, line: int | None = None) -> None:
        self.source = source
        self.node = node
        self.line = line
        self._has_command = line is not None
        self.felix_running: bool | None = None
        self.daemons: dict[Family, Daemon] = {}
        self.peers: list[Peer] = []
        self.messages: list[str] = []
        self.shell_messages: list[str] = []
        self.complete = True
        #: The family of the heading that stands above, until something answers it.
        self._heading: Family | None = None
        self._unanswered: Family | None = None
        self._table: Table | None = None
        self._border_line = 0
        self._unrecognised: list[UnrecognisedLine] = []
        # Not understood, and not known yet whether the block goes on after it.
        self._pending: list[UnrecognisedLine] = []
        # Whether the line before was a row or its continuation: only then can this one be the rest of it.
        self._is_below_row = False

    @property
    def is_empty(self) -> bool:
        """Whether nothing here is an answer to `calicoctl node status`, not even a shell's refusal to run it."""
        answers = self.daemons or self.peers or self.messages or self._unrecognised
        return self.felix_running is None and not answers and not (self._has_command and self.shell_messages)

    def has_answer(self, family: Family) -> bool:
        """Whether the block speaks of a family already, and not only in a heading that waits for its table."""
        return family in self.daemons and self._unanswered is not family

    def mentions(self, family: Family) -> bool:
        """Whether the block speaks of a family, be it in a heading alone."""
        return family in self.daemons

    @property
    def has_open_table(self) -> bool:
        """Whether a table waits for its closing border."""
        return self._table is not None and self._table.is_cut

    @property
    def _has_no_end(self) -> bool:
        """Whether nothing shows that the table was not cut behind a row: none of its own, and IPv6 is not spoken of."""
        is_last = self.felix_running is not None and len(self.daemons) == 1
        return is_last and self._table is not None and self._table.has_no_end

    def add_rows(self, number: int, peers: list[Peer]) -> None:
        """Add ordinary rows (see rows.read_row) that stand below one another, the first at line `number`."""
        self._begin(number)
        table = self._table
        if table is None:
            table = self._table = Table()
        self._append(table, peers)

    def add(self, number: int, text: str, record: Record) -> None:
        """Add any line.

        Args:
            number: Its number in the source, from 1.
            text: The line, cleaned.
            record: What the template says about it.
        """
        if not record:
            return
        is_below_row, self._is_below_row = self._is_below_row, False
        if "MORE_INFO" in record:
            self._is_below_row = is_below_row
        if "UNRECOGNISED" in record or ("ADDRESS" in record and not is_peer_row(record)):
            self._add_unrecognised(number, text)
        elif "BORDER" in record:
            self._border_line = number
            self._add_border(text)
        elif "SHELL_MESSAGE" in record:
            # Above the first line of a status it has nothing to do with it, unless the command stands above both.
            self.shell_messages.append(record["SHELL_MESSAGE"])
        else:
            self._begin(number)
            self._add_known(number, text, record)

    def finish(self, *, strict: bool = False) -> NodeStatus:
        """The status of the lines fed.

        Raises:
            ParseError: Strict, and a line inside the block was not understood.
        """
        if self._unanswered is not None and self._pending:
            # The beginning of the answer to the heading above, if it is not what follows a paste cut off there.
            self._unrecognised.append(self._pending[0])
        if self._unanswered is not None or self.has_open_table or self._has_no_end:
            self.complete = False
        if strict and self._unrecognised:
            first = self._unrecognised[0]
            raise ParseError("a line that calicoctl does not print", self.source, first.line, first.text, EXPECTED)
        return NodeStatus.model_construct(
            node=self.node,
            felix_running=self.felix_running,
            daemons=tuple(self.daemons[family] for family in Family if family in self.daemons),
            peers=tuple(self.peers),
            messages=(*self.shell_messages, *self.messages),
            unrecognised=tuple(self._unrecognised),
            complete=self.complete and (self.felix_running is not None or bool(self.daemons)),
            source=self.source,
            line=self.line or 1,
        )

    def _begin(self, number: int) -> None:
        if self.line is None:
            # A table begins with its border, if that is right above.
            self.line = self._border_line if number - self._border_line == 1 else number
        if self._pending:
            self._unrecognised += self._pending
            self._pending = []

    def _add_unrecognised(self, number: int, text: str) -> None:
        line = UnrecognisedLine(number, text)
        table = self._table
        if table is not None and (table.rows or table.columns) and text.lstrip().startswith(("|", "+")):
            # A row that is none: the peer it stood for is lost.
            self._begin(number)
            self._unrecognised.append(line)
            self.complete = False
        elif not self.is_empty:
            self._pending.append(line)

    def _add_border(self, text: str) -> None:
        table = self._table
        if table is not None and (table.rows or table.columns) and not (table.rows and table.borders_below):
            table.borders_below += 1
            if not table.rows and not table.is_cut and table.is_bordered and self._unanswered is not None:
                # An empty table, as in 2015: asked, and no peers.
                self._answer(self._unanswered, DaemonState.RUNNING, None)
        elif text.lstrip().startswith(("+", "|")):
            self._table = Table(is_bordered=text.lstrip().startswith("+"))

    def _add_known(self, number: int, text: str, record: Record) -> None:
        if "ADDRESS" in record:
            self._add_any_row(number, text, record)
        elif "MORE_INFO" in record:
            self._wrap(number, text, record["MORE_INFO"])
        elif "COLUMNS" in record:
            before = self._table
            is_fresh = before is not None and not before.rows and not before.columns
            self._table = Table(is_bordered=is_fresh and before is not None and before.is_bordered)
            self._table.columns = record["COLUMNS"].lower()
            self._table.is_open_ended = "|" in text and not text.endswith("|")
        else:
            self._add_statement(text, record)

    def _add_statement(self, text: str, record: Record) -> None:
        statement = text.strip()
        if "QUERY_ERROR" in record and text.lstrip()[:5].casefold() == "error":
            # It stands before the heading on its line, if there is one.
            self._fail(record["QUERY_ERROR"])
            record = {name: value for name, value in record.items() if name != "QUERY_ERROR"}
        if "HEADING" in record:
            if self._unanswered is not None:
                self.complete = False
            self._heading = self._unanswered = _FAMILY[record["HEADING"]]
            self._close_table()
            self.daemons.setdefault(self._heading, Daemon(self._heading, DaemonState.UNKNOWN))
        if "FELIX" in record:
            self.felix_running = record["FELIX"].casefold() == "running"
        elif "NO_PEERS" in record:
            family = _FAMILY[record["NO_PEERS"].casefold().partition("ipv")[2][0]]
            self._answer(family, DaemonState.RUNNING, record["NO_PEERS"])
        elif "STOPPED" in record:
            self._close_table()
            self._answer(_FAMILY[record["STOPPED"]], DaemonState.NOT_RUNNING, statement)
        elif "ALL_STOPPED" in record:
            for family in Family:
                self._answer(family, DaemonState.NOT_RUNNING, statement)
        elif "QUERY_ERROR" in record:
            self._fail(record["QUERY_ERROR"])
        elif "EXIT_ERROR" in record:
            self.complete = False
            if self._unanswered is not None or _SOCKET.search(statement) is not None:
                self._fail(statement)
            else:
                self.messages.append(statement)
        elif "MESSAGE" in record:
            self.messages.append(record["MESSAGE"])

    def _fail(self, message: str) -> None:
        """BIRD could not be asked: the socket's name says which, else the heading that waits for its answer."""
        named = _SOCKET.search(message)
        family = self._unanswered or self._heading
        if named is not None:
            family = Family.IPV6 if "6" in named.groups() else Family.IPV4
        if family is None:
            self.messages.append(message)
        else:
            self._answer(family, DaemonState.UNREACHABLE, message)

    def _answer(self, family: Family, state: DaemonState, message: str | None) -> None:
        """Set what is known of a family. A table already read stays the better answer."""
        if self._unanswered is family:
            self._unanswered = None
        daemon = self.daemons.get(family)
        if daemon is None or daemon.state is not DaemonState.RUNNING:
            self.daemons[family] = Daemon(family, state, message)

    def _close_table(self) -> None:
        """Something else follows, so a missing last border was lost on the way, not cut off."""
        self._table = None

    def _add_any_row(self, number: int, text: str, record: Record) -> None:
        if self._table is None:
            self._table = Table()
        table = self._table
        info, since = record.get("INFO", ""), record.get("SINCE", "")
        peer = make_peer(
            record["ADDRESS"],
            record.get("PEER_TYPE") or record["KNOWN_TYPE"],
            record["STATE"],
            since,
            info,
            self._heading,
        )
        closed = text.endswith("|")
        if not table.rows and not table.columns:
            table.is_open_ended = not closed
        if info and not closed and cached_info(info) == (None, None) and _is_beginning_of_state(info):
            # Cut off in the middle of its state: the other cells are whole.
            peer = make_peer(peer.address_text, str(peer.peer_type), peer.protocol_state, since, "", self._heading)
            self.complete = False
        if not closed and "|" in text and not table.is_open_ended:
            # Whole enough to use; what is missing at the end can only be the end of an error's text.
            self.complete = False
        table.borderless_row = number if "|" not in text else 0
        self._append(table, [peer])

    def _append(self, table: Table, peers: list[Peer]) -> None:
        if not table.rows:
            table.borders_below = 0  # so far they were those below the headings
            if self._heading is None and not table.columns and not table.is_bordered:
                self.complete = False  # the text begins below the top of the table: rows may be missing above
        table.rows += len(peers)
        self._is_below_row = True
        self.peers += peers
        for family in Family:
            if family in map(_FAMILY_OF, peers):
                self._answer(family, DaemonState.RUNNING, None)

    def _wrap(self, number: int, text: str, more: str) -> None:
        table = self._table
        # Without borders only the line right below can be the rest of the row.
        is_rest = table is not None and self._is_below_row and ("|" in text or table.borderless_row == number - 1)
        if not is_rest:
            self._unrecognised.append(UnrecognisedLine(number, text))
            return
        last = self.peers[-1]
        self.peers[-1] = make_peer(
            last.address_text,
            str(last.peer_type),
            last.protocol_state,
            last.since or "",
            f"{last.info} {more}",
            last.family,
        )
