"""What somebody typed: text, or the name of a file, which may be any bytes. Knows no option by name but --resources."""

from __future__ import annotations

import click

#: How help calls files and folders of this machine, where the type does not say so.
_FILES = frozenset({"FILE", "FILE|none", "[FILE...|-]", "DIR", "RESOURCES..."})


def is_text(value: str) -> bool:
    """Whether an argument was text: bytes that are no UTF-8 come as halves of surrogate pairs (PEP 383)."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def shown(value: str) -> str:
    r"""An argument as a message shows it, with `\xff` for a byte that is no text."""
    return value.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def names_files(param: click.Parameter) -> bool:
    """Whether its values name files or folders of this machine."""
    is_local_path = param.metavar == "PATH" and "--resources" in param.opts
    return isinstance(param.type, click.Path) or param.metavar in _FILES or is_local_path
