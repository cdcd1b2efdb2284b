"""Finds and reads the files with Calico's resources: files, folders, standard input. What stands in them is parse's."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from calico_bgp.cli.sources.files import LONGEST_RESOURCES, called, read_text
from calico_bgp.errors import CalicoBGPError, ResourceError
from calico_bgp.messages.words import count, some
from calico_bgp.model.resources import Resources
from calico_bgp.parse.resources.reader import parse_resources
from calico_bgp.report.text.sanitize import plain

SUFFIXES = (".yaml", ".yml", ".json")
#: From this size on, Kubernetes' Nodes as YAML take long enough that one wonders; in characters.
LONG = 5_000_000
_SHOWN = 5
_NO_FILE = "{path} does not exist. Make it with `calicoctl get nodes -o yaml`, or `kubectl get nodes -o json`."


def read_resources(paths: Sequence[str]) -> Resources:
    """Calico's resources out of files and folders.

    Args:
        paths: Files; folders, in which *.yaml, *.yml and *.json count, in the order of their names and also those of
            folders within, but nothing hidden; `-` for standard input.

    Raises:
        CalicoBGPError: Some of it cannot be read; all that is wrong is said, also in the files that can. Or there is no
            resource at all, as where the program in front of a pipe failed.
        ResourceError: Its `problems` hold every error of all files.
    """
    unreadable: list[str] = []
    texts: list[tuple[str, str]] = []
    # What a folder holds beside resources is passed over; who names a file wants it read.
    in_folders = frozenset(_unique(paths)) - {path if path == "-" else str(Path(path)) for path in paths}
    for name in _unique(paths):
        try:
            texts.append((name, _read(name)))
        except CalicoBGPError as error:
            unreadable.append(str(error))
    if not unreadable:
        resources = parse_resources(texts, optional=in_folders)
        for skipped in resources.skipped_files[:_SHOWN]:
            click.echo(f"calico-bgp: skipped {plain(skipped.source)}: {plain(skipped.reason)}", err=True)
        if len(resources.skipped_files) > _SHOWN:
            more = count(len(resources.skipped_files) - _SHOWN, "more file")
            click.echo(f"calico-bgp: and {more} like these", err=True)
        return _not_nothing(resources, texts)
    try:
        parse_resources(texts, optional=in_folders)
    except ResourceError as error:
        unreadable.append(str(error))
    raise CalicoBGPError("\n".join(unreadable))


def _not_nothing(resources: Resources, texts: Sequence[tuple[str, str]]) -> Resources:
    if not resources.is_empty or resources.skipped:
        return resources
    names = some([called(name) for name, _ in texts], _SHOWN)
    raise CalicoBGPError(f"no resource in {names}: did what should have printed them fail?")


def _unique(paths: Sequence[str]) -> list[str]:
    """The files to read, each once."""
    return list(dict.fromkeys(name for path in paths for name in ([path] if path == "-" else _files(Path(path)))))


def _files(path: Path) -> Iterator[str]:
    if not path.is_dir():
        yield str(path)
        return
    has_files = False
    for folder, folders, names in os.walk(path, onerror=_refuse):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if name.lower().endswith(SUFFIXES) and not name.startswith("."):
                has_files = True
                yield str(Path(folder, name))
    if not has_files:
        raise CalicoBGPError(f"{path} holds no *.yaml, *.yml or *.json file")


def _refuse(error: OSError) -> None:
    raise CalicoBGPError(f"cannot read {error.filename}: {error.strerror or error}") from error


def _read(name: str) -> str:
    text = read_text(name, missing=_NO_FILE, limit=LONGEST_RESOURCES)
    if len(text) > LONG and _is_yaml_of_kubernetes(text):
        click.echo(
            f"reading {name}: {len(text) / 1e6:.0f} MB of Kubernetes' Nodes as YAML takes a while; "
            "`kubectl get nodes -o json` is read ten times faster",
            err=True,
        )
        sys.stderr.flush()
    return text


def _is_yaml_of_kubernetes(text: str) -> bool:
    """Whether a text is what `kubectl get nodes -o yaml` prints; its beginning tells."""
    head = text[:20_000]
    return (
        not head.lstrip().startswith("{")
        and re.search(r"^[ -]*apiVersion: [\"']?v1[\"']?$", head, re.MULTILINE) is not None
    )
