"""The last report of this user, for `calico-bgp explain NUMBER`: kept in the cache folder, for nobody else to read."""

from __future__ import annotations

import json
import logging
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

from pydantic import AwareDatetime, ValidationError

from calico_bgp.errors import CalicoBGPError, StoreError
from calico_bgp.messages.words import count
from calico_bgp.model.frozen import Frozen
from calico_bgp.model.reports.report import Report
from calico_bgp.store.atomic import replace_file

#: So old a report may be before `--last` must say that it is meant.
FRESH = timedelta(hours=1)
_MODE = 0o600
#: No report of ours is larger; what is there may be anybody's.
_MOST_BYTES = 256 << 20
_log = logging.getLogger(__name__)


class LastReport(Frozen):
    """A report, and how it came about.

    Attributes:
        format: Of this file.
        saved_at: When it was made, by our clock (aware, UTC).
        command: The command that made it.
        report: The report.
    """

    format: Literal["calico-bgp/last-report/1"] = "calico-bgp/last-report/1"
    saved_at: AwareDatetime
    command: str
    report: Report


def cache_file() -> Path:
    """Where it is kept (XDG base directories: a relative XDG_CACHE_HOME counts as unset)."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    folder = Path(base) if base and Path(base).is_absolute() else Path.home() / ".cache"
    return folder / "calico-bgp" / "last-report.json"


def keep(report: Report, command: str) -> bool:
    """Keep a report in the place of the one before; False where that is not possible: no report is lost by it."""
    try:
        path = cache_file()
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        document = LastReport(saved_at=datetime.now(UTC), command=command, report=report)
        path.unlink(missing_ok=True)  # its permissions, or a symbolic link, are not taken over
        replace_file(path, _json(document), mode=_MODE)
    except (OSError, RuntimeError, StoreError) as error:
        _log.info("the report was not kept for explain: %s", error)
        return False
    return True


def _json(document: LastReport) -> bytes:
    try:
        return document.model_dump_json().encode()
    except ValueError:
        # Half a surrogate pair, as in the name of a file that is not UTF-8: `?` stands in its place.
        return json.dumps(document.model_dump(mode="json"), ensure_ascii=False).encode("utf-8", "replace")


def last_report() -> LastReport:
    """The report that was kept.

    Raises:
        CalicoBGPError: There is none, it is somebody else's, or it cannot be read.
    """
    try:
        path = cache_file()
        with path.open("rb") as file:
            status = os.fstat(file.fileno())
            if status.st_uid != os.geteuid() or status.st_mode & 0o022:
                raise CalicoBGPError(f"{path} is not only yours: it is not read. Remove it, and audit again")
            data = file.read(_MOST_BYTES + 1)
    except (OSError, RuntimeError) as error:
        raise CalicoBGPError("there is no report yet whose problems have numbers: run calico-bgp audit") from error
    try:
        if len(data) > _MOST_BYTES:
            raise ValueError("it is too large")
        return LastReport.model_validate_json(data)
    except (ValidationError, ValueError) as error:
        raise CalicoBGPError(f"{path} cannot be read: audit again, and it is written anew") from error


def age_in_words(age: timedelta) -> str:
    """`12 seconds`, `3 minutes`, `2 hours`, `4 days`."""
    seconds = max(int(age.total_seconds()), 0)
    for size, noun in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds >= size:
            return count(seconds // size, noun)
    return count(seconds, "second")
