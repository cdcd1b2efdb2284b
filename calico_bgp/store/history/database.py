"""The file: its schema and the ways to open it. One writer at a time; readers at any time.

A kill at any moment, or a full disk, loses at most the poll that was being written (WAL, one transaction a poll). WAL
needs a local disk: network file systems lack the shared memory that it uses (https://sqlite.org/wal.html).
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from calico_bgp.errors import StoreError
from calico_bgp.shell_words import quote

#: `PRAGMA application_id`: says that a database is ours ("cbgp").
_OURS = 0x63626770
#: Step n makes schema n of schema n - 1. A step that was released never changes.
STEPS: tuple[str, ...] = (
    """
    CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE poll (
        id INTEGER PRIMARY KEY,
        at INTEGER NOT NULL,       -- milliseconds since 1970, our clock
        took INTEGER NOT NULL,     -- milliseconds
        read INTEGER NOT NULL,     -- nodes
        failed INTEGER NOT NULL,   -- nodes that could not be read
        verdict TEXT,              -- NULL where nothing could be read
        note TEXT                  -- why not
    );
    CREATE TABLE keyframe (poll INTEGER PRIMARY KEY, body BLOB NOT NULL);
    CREATE TABLE delta (poll INTEGER PRIMARY KEY, changes INTEGER NOT NULL, body BLOB NOT NULL);
    CREATE TABLE report (poll INTEGER PRIMARY KEY, verdict TEXT NOT NULL, causes BLOB NOT NULL);
    CREATE TABLE coverage (host TEXT, poll INTEGER, why TEXT, PRIMARY KEY (host, poll)) WITHOUT ROWID;
    CREATE TABLE event (
        id INTEGER PRIMARY KEY, poll INTEGER NOT NULL, kind TEXT NOT NULL, trouble TEXT, sent INTEGER NOT NULL,
        body TEXT NOT NULL
    );
    CREATE INDEX event_poll ON event (poll);
    """,
)
_BUSY_MS = 5000


def open_writer(path: Path, *, steps: Sequence[str] = STEPS) -> tuple[sqlite3.Connection, int]:
    """Open the history to write, make it where there is none, bring an older one up to date.

    Args:
        path: The file. Its folder is made; both are readable by their owner only.
        steps: How schemas came about.

    Returns:
        The connection, and the descriptor that holds the lock until it is closed.

    Raises:
        StoreError: Another watcher writes it, it is no history, it is of a newer calico_bgp, or the system refuses.
    """
    try:
        # Behind a link as well: one file has one lock, under whatever name it is opened.
        path = path.resolve()
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = _lock(path)
    except OSError as error:
        raise StoreError(f"cannot write the history {path}: {error.strerror or error}") from error
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        connection = sqlite3.connect(path, isolation_level=None, timeout=_BUSY_MS / 1000)
        try:
            if connection.execute("PRAGMA user_version").fetchone()[0] == 0:
                connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
            _check(connection, path, len(steps), writing=True)
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            _migrate(connection, steps)
        except BaseException:
            connection.close()
            raise
    except (sqlite3.Error, OSError) as error:
        os.close(lock)
        raise StoreError(f"cannot write the history {path}: {_reason(error)}") from error
    except BaseException:
        os.close(lock)
        raise
    return connection, lock


def open_reader(path: Path, *, newest: int = len(STEPS)) -> sqlite3.Connection:
    """Open the history to read, also while a watcher writes it.

    Raises:
        StoreError: There is none, it is no history, or of another schema.
    """
    try:
        if not path.is_file():
            raise StoreError(
                f"there is no history {path}; `calico-bgp monitor --history {quote(str(path))}` writes one"
            )
        uri = f"{path.resolve().as_uri()}?mode=ro{_immutable(path)}"
        connection = sqlite3.connect(uri, uri=True, isolation_level=None, timeout=_BUSY_MS / 1000)
        try:
            _check(connection, path, newest, writing=False)
            # One view of everything, however long the reading takes.
            connection.execute("BEGIN")
        except BaseException:
            connection.close()
            raise
    except (sqlite3.Error, OSError) as error:
        raise StoreError(f"cannot read the history {path}: {_reason(error)}") from error
    return connection


@contextmanager
def told_errors(what: str, path: Path) -> Iterator[None]:
    """Within it an error of SQLite, and a value that is damaged or cannot be written, is an error of ours.

    Args:
        what: What is being done with the history: `read`, `write`.
        path: Its file.

    Raises:
        StoreError: With what SQLite or the value's reader says.
    """
    try:
        yield
    except (sqlite3.Error, ValueError) as error:
        raise StoreError(f"cannot {what} the history {path}: {error}") from error


def _immutable(path: Path) -> str:
    """Where we may make no file beside it, and no writer has one there, SQLite must not want its shared memory."""
    beside = path.with_name(f"{path.name}-wal")
    return "" if os.access(path.parent, os.W_OK) or beside.exists() else "&immutable=1"


def _reason(error: sqlite3.Error | OSError) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


def _lock(path: Path) -> int:
    """A lock that goes with the process: a kill leaves none behind.

    Raises:
        StoreError: Somebody else has it.
    """
    descriptor = os.open(path.with_name(f"{path.name}.lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.read(descriptor, 20).decode("ascii", "replace").strip()
        os.close(descriptor)
        who = f" (process {holder})" if holder.isdecimal() else ""
        raise StoreError(
            f"another watcher{who} writes the history {path}; give this one a file of its own with --history"
        ) from None
    except OSError:
        os.close(descriptor)
        raise
    with suppress(OSError):
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
    return descriptor


def _check(connection: sqlite3.Connection, path: Path, newest: int, *, writing: bool) -> None:
    """Refuse what is not ours, and what is newer than we are.

    Raises:
        StoreError: It says which.
    """
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if application != _OURS and (tables or not writing):
        raise StoreError(f"{path} is no history of calico-bgp; name another file")
    if version > newest:
        raise StoreError(
            f"the history {path} was written by a newer calico-bgp (schema {version}, this one knows {newest}); "
            "use that one, or another file"
        )
    if version < newest and not writing:
        raise StoreError(
            f"the history {path} is of an older calico-bgp (schema {version}); "
            "`calico-bgp monitor` brings it up to date"
        )


def _migrate(connection: sqlite3.Connection, steps: Sequence[str]) -> None:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    for number, step in enumerate(steps[version:], start=version + 1):
        # DDL is transactional in SQLite: a kill in between leaves the schema before it.
        connection.executescript(
            f"BEGIN IMMEDIATE; PRAGMA application_id = {_OURS}; {step}; PRAGMA user_version = {number}; COMMIT;"
        )
