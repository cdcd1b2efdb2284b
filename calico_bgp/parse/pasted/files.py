"""What the names of files say where every host's answer is in a file of its own, as in a support bundle. No lines."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePath

from calico_bgp.model.status import NodeStatus
from calico_bgp.parse.pasted.hosts.names import is_common_word, looks_like_a_host, names_of_file

NOTHING_IN_IT = "nothing of a status is in the file"


def called_by_file(statuses: tuple[NodeStatus, ...], file: str) -> tuple[NodeStatus, ...]:
    """The statuses of one of several files; a single one without a name is called as the file is, `node1` of node1.txt.

    The file's name is a name for the report only: whose the table is, its addresses tell.
    """
    if len(statuses) != 1 or statuses[0].host is not None:
        return statuses
    called = _called(file)
    return statuses if called == file else (statuses[0].model_copy(update={"host": called}),)


def silent(file: str, what: str | None = None) -> NodeStatus:
    """One for a file that was given as a host's answer and holds none: that host was not read.

    Args:
        file: As it was given.
        what: What the file holds instead, in words.
    """
    said = NOTHING_IN_IT if what is None else f"{NOTHING_IN_IT}: {what}"
    return NodeStatus.model_construct(host=_called(file), messages=(said,), complete=False, source=file, line=1)


def is_called_by_a_host(file: str, others: Iterable[str]) -> bool:
    """Whether a file is called by its host, or is called as others are, each in the folder of its host.

    Args:
        file: As it was given.
        others: The other files.
    """
    path = PurePath(file.replace("\\", "/"))
    alike = any(PurePath(other.replace("\\", "/")).name == path.name for other in others)
    return _called(path.name) != path.name or (alike and _called(file) != file)


def _called(file: str) -> str:
    names = names_of_file(file.replace("\\", "/"))
    is_name = len(names) == 1 and looks_like_a_host(names[0]) and not is_common_word(names[0].host)
    return names[0].host if is_name else file
