"""Reading the user's own files: one way to say that one is missing, unreadable or no text. Parsing is in parse/."""

from __future__ import annotations

import sys
from pathlib import Path

from calico_bgp.errors import CalicoBGPError
from calico_bgp.model.inventory import Host
from calico_bgp.parse.hosts.reader import parse_hosts

NO_HOSTS = """{path} does not exist. Write one host a line into it, or make it with:
    kubectl get nodes -o json | calico-bgp hosts - > {path}"""


def read_text(name: str, *, missing: str = "{path} does not exist.", lenient: bool = False) -> str:
    """A file as text, `-` for standard input. A byte order mark goes.

    Args:
        name: The file as the user named it.
        missing: What to say when it does not exist.
        lenient: What is not UTF-8 becomes a replacement character (pasted text) instead of an error (our own formats).

    Raises:
        CalicoBGPError: It is missing, cannot be read, or is not UTF-8.
    """
    try:
        data = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except FileNotFoundError as error:
        raise CalicoBGPError(missing.format(path=name)) from error
    except OSError as error:
        raise CalicoBGPError(f"cannot read {name}: {error.strerror or error}") from error
    try:
        return data.decode("utf-8-sig", errors="replace" if lenient else "strict")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise CalicoBGPError(f"{name}:{line}: not UTF-8 text; save the file as UTF-8") from error


def read_hosts(path: Path) -> tuple[Host, ...]:
    """The inventory in a file.

    Raises:
        CalicoBGPError: It is missing or no text.
        InventoryError: It holds mistakes; all of them are named.
    """
    return parse_hosts(read_text(str(path), missing=NO_HOSTS), source=str(path))
