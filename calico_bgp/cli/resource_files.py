"""The user's files and folders with Calico's resources. What is in them is parse.resources' to say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from calico_bgp.cli.files import read_text
from calico_bgp.errors import CalicoBGPError
from calico_bgp.model.resources import Resources
from calico_bgp.parse.resources import parse_resources

_ENDINGS = (".yaml", ".yml", ".json")
#: No cluster's resources are as large; reading such a file would only exhaust the machine.
MAX_BYTES = 1 << 30
#: From here on YAML takes noticeable time.
_SLOW_BYTES = 5_000_000
_NO_RESOURCES = """{path} does not exist. Write Calico's resources there with:
    calicoctl get nodes -o json > nodes.json"""


def read_resources(paths: Sequence[str]) -> Resources:
    """The resources in files and folders.

    Args:
        paths: As the user named them; `-` is standard input. In folders and the folders below everything that ends in
            .yaml, .yml or .json counts, but nothing whose name begins with a dot.

    Raises:
        CalicoBGPError: A file is missing, too large or no text, or a folder holds no such file.
        ResourceError: What they hold is not right; all mistakes are named.
    """
    return parse_resources((name, _text(name)) for path in paths for name in _files(path))


def _files(path: str) -> Iterator[str]:
    if path == "-" or not Path(path).is_dir():
        yield path
        return
    folder = Path(path)
    try:
        found = sorted(
            file
            for file in folder.rglob("*")
            if file.suffix in _ENDINGS
            and not any(part.startswith(".") for part in file.relative_to(folder).parts)
            and file.is_file()
        )
    except OSError as error:
        raise CalicoBGPError(f"cannot read {path}: {error.strerror or error}") from error
    if not found:
        raise CalicoBGPError(f"{path} holds no file that ends in {', '.join(_ENDINGS)}")
    yield from map(str, found)


def _text(name: str) -> str:
    if name != "-":
        try:
            size = Path(name).stat().st_size
        except OSError:
            size = 0  # read_text says what is wrong
        if size > MAX_BYTES:
            raise CalicoBGPError(f"{name} is larger than {MAX_BYTES >> 20} MiB, which no cluster's resources are")
    text = read_text(name, missing=_NO_RESOURCES)
    if len(text) > _SLOW_BYTES and text.lstrip()[:1] not in {"{", "["}:
        click.echo(f"calico-bgp: reading {len(text) >> 20} MiB of YAML from {name}; -o json is read faster", err=True)
    return text
