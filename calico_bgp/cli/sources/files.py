"""Reading the user's own files: one way to say that one is missing, unreadable or no text. Parsing is in parse/."""

from __future__ import annotations

import errno
import sys

from calico_bgp.errors import CalicoBGPError
from calico_bgp.store.bounded import MEGABYTE, read_bounded, read_descriptor

#: No inventory, configuration or paste is longer; in bytes.
LONGEST = 64 * MEGABYTE
#: The same of a cluster's resources: 5,000 Kubernetes Nodes take 100 MB.
LONGEST_RESOURCES = 1024 * MEGABYTE
_BEGINNING = 8_192
#: (with what a file begins that holds others, what it is and what to do)
_ARCHIVES = (
    (b"PK\x03\x04", "a zip archive, or a spreadsheet: unpack it, or save the sheet as CSV, and name the files"),
    (b"\x1f\x8b", "compressed by gzip: unpack it (gunzip, tar xzf), and name the files"),
    (b"BZh", "compressed by bzip2: unpack it (bunzip2, tar xjf), and name the files"),
    (b"\xfd7zXZ", "compressed by xz: unpack it (unxz, tar xJf), and name the files"),
    (b"\x28\xb5\x2f\xfd", "compressed by zstd: unpack it (unzstd), and name the files"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive: unpack it, and name the files"),
    (b"%PDF-", "a PDF: copy its text into a file"),
    (b"\x89PNG", "a picture: it holds no text"),
    (b"\xff\xd8\xff", "a picture: it holds no text"),
)
_TAR = slice(257, 262)


def called(name: str) -> str:
    """A file as messages call it: by its name, and `-` standard input."""
    return "standard input" if name == "-" else name


def read_bytes(name: str, *, limit: int = LONGEST) -> bytes:
    """A file, `-` for standard input; never a device, and never longer than the limit.

    Raises:
        OSError: It cannot be read; `strerror` says why.
    """
    if name != "-":
        return read_bounded(name, limit=limit)
    try:
        descriptor = sys.stdin.fileno()
    except (OSError, ValueError):
        # Closed, which the read says; or a test's.
        data = sys.stdin.buffer.read(limit + 1)
        if len(data) > limit:
            raise OSError(errno.EFBIG, f"it has more than {limit:,} bytes, and that is not read") from None
        return data
    return read_descriptor(descriptor, limit=limit)


def read_text(
    name: str, *, missing: str = "{path} does not exist.", lenient: bool = False, limit: int = LONGEST
) -> str:
    """A file as text, `-` for standard input. A byte order mark goes.

    Args:
        name: The file as the user named it.
        missing: What to say when it does not exist.
        limit: Bytes; a longer file is refused.
        lenient: What is not UTF-8 becomes a replacement character (pasted text) instead of an error (our own formats).

    Raises:
        CalicoBGPError: It is missing, cannot be read, or is not UTF-8.
    """
    try:
        data = read_bytes(name, limit=limit)
    except FileNotFoundError as error:
        raise CalicoBGPError(missing.format(path=name)) from error
    except OSError as error:
        raise CalicoBGPError(f"cannot read {called(name)}: {error.strerror or error}") from error
    refuse_binary(name, data)
    try:
        return decoded(data, lenient=lenient)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise CalicoBGPError(f"{name}:{line}: not UTF-8 text; save the file as UTF-8") from error


def refuse_binary(name: str, data: bytes) -> None:
    """Raise where a file is no text, and say what it is and what to do with it, as far as that is known.

    Raises:
        CalicoBGPError: It is no text.
    """
    what = next((what for beginning, what in _ARCHIVES if data.startswith(beginning)), None)
    if data[_TAR] == b"ustar":
        what = "a tar archive: unpack it (tar xf), and name the files"
    if what is not None or is_binary(data):
        raise CalicoBGPError(f"{called(name)}: this is {what or 'a binary file, not text'}")


def is_binary(data: bytes) -> bool:
    """Whether this is no text at all: its beginning holds zeros, as programs, archives and pictures do.

    UTF-16 is text, also without its mark; what a terminal recorded may hold a few zeros that it was sent.
    """
    beginning = data[:_BEGINNING]
    in_even_places, in_odd_places = beginning[::2].count(0), beginning[1::2].count(0)
    if _is_wide(data) or 0 in (in_even_places, in_odd_places):
        return False
    return in_even_places + in_odd_places > max(8, len(beginning) // 100)


def _is_wide(data: bytes) -> bool:
    # Half of the bytes of English in UTF-16 are 0; a text that only begins with the mark is none.
    return data[:2] in {b"\xff\xfe", b"\xfe\xff"} and b"\0" in data


def decoded(data: bytes, *, lenient: bool = False) -> str:
    """UTF-8, or UTF-16 with a byte order mark, as PowerShell's `>` writes it; the mark goes.

    Raises:
        UnicodeDecodeError: It is neither, unless what is wrong is to become a replacement character.
    """
    encoding = "utf-16" if _is_wide(data) else "utf-8-sig"
    return data.decode(encoding, errors="replace" if lenient else "strict")
