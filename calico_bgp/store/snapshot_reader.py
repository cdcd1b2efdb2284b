"""Reads a snapshot folder back. Writes nothing; the layout is described in snapshot_folder.py."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Annotated, TypeVar

from pydantic import Field, StringConstraints, ValidationError

from calico_bgp.errors import StoreError
from calico_bgp.model.reading import GatherFailure, NodeReading, Silent, Stage
from calico_bgp.model.snapshot import SNAPSHOT_SCHEMA, Snapshot
from calico_bgp.shell_words import quote
from calico_bgp.store.bounded import MEGABYTE, read_open_regular
from calico_bgp.store.raw_names import raw_names

SNAPSHOT_FILE = "snapshot.json"
#: The folder in the raw folder with the resources; every host's file ends in .txt.
RESOURCES_FOLDER = "resources"
#: The names that a file of it may have.
RESOURCES_FILE = re.compile(r"[a-z]{1,40}\.json")
_ATTEMPTS = 20
#: Bytes of one file. A node's raw output has at most 8 MiB, the resources of 5,000 nodes 100 MB.
_LONGEST = 1024 * MEGABYTE

#: How messages of a time-out began, before a failure said by itself who was silent.
_SILENT_WORDS = (("connecting ", Silent.HOST), ("BIRD ", Silent.BIRD))

_Output = TypeVar("_Output", NodeReading, GatherFailure)


class StoredSnapshot(Snapshot):
    """snapshot.json: a Snapshot, and the name of the folder that holds its raw output."""

    raw_folder: Annotated[str, StringConstraints(pattern=r"^raw-[0-9a-f]{16}$")] | None = Field(default=None)

    @classmethod
    def of(cls, snapshot: Snapshot, *, raw_folder: str) -> StoredSnapshot:
        """The snapshot as it is written. Nothing is validated again: a snapshot is valid."""
        fields = {name: getattr(snapshot, name) for name in Snapshot.model_fields}
        return cls.model_construct(**fields, raw_folder=raw_folder)

    @property
    def outputs(self) -> tuple[NodeReading | GatherFailure, ...]:
        """Everything that has raw output, in the order that names the files."""
        return (*self.readings, *self.failures)

    def with_raw(self, raw: dict[str, str], resources: tuple[tuple[str, str], ...]) -> Snapshot:
        """The Snapshot again, each raw output put back where there is one."""
        texts = [raw.get(name, "") for name in raw_names(output.host for output in self.outputs)]
        fields = {name: getattr(self, name) for name in Snapshot.model_fields}
        fields["readings"] = _put_back(self.readings, texts[: len(self.readings)])
        fields["failures"] = _put_back(self.failures, texts[len(self.readings) :])
        fields["resources_raw"] = resources
        return Snapshot.model_construct(**fields)


def _put_back(outputs: tuple[_Output, ...], texts: list[str]) -> tuple[_Output, ...]:
    return tuple(
        output.model_copy(update={"raw": text}) if text else output for output, text in zip(outputs, texts, strict=True)
    )


def load_snapshot(folder: str | os.PathLike[str]) -> Snapshot:
    """Read a snapshot folder, while it is being replaced also: always one snapshot with its own raw output.

    Args:
        folder: As given to ``save_snapshot``. Missing raw files do no harm: `raw` stays empty.

    Raises:
        StoreError: No such folder, no snapshot in it, or one that we cannot read; the message says what to do.
    """
    path = Path(folder)
    try:
        if not path.exists():
            raise StoreError(
                f"no snapshot folder {folder}; `calico-bgp gather HOSTS -o {quote(str(folder))}` makes one"
            )
        if not path.is_dir():
            raise StoreError(f"{folder} is a file; a snapshot is the folder that `calico-bgp gather -o DIR` makes")
        for _ in range(_ATTEMPTS):
            with _opened(path / SNAPSHOT_FILE) as descriptor:
                stored = _parse(read_open_regular(descriptor, limit=_LONGEST), path / SNAPSHOT_FILE)
                raw = _read_raw(path, stored)
                resources = _read_resources(path, stored)
                # The old raw folder goes only after snapshot.json was replaced: if it is still the one we hold open,
                # nothing was removed while we read.
                if os.fstat(descriptor).st_ino == (path / SNAPSHOT_FILE).stat().st_ino:
                    return stored.with_raw(raw, resources)
    except FileNotFoundError as error:
        raise StoreError(f"{folder} is no snapshot folder: there is no {SNAPSHOT_FILE} in it") from error
    except OSError as error:
        raise StoreError(f"cannot read the snapshot {folder}: {error.strerror or error}") from error
    raise StoreError(f"{folder} is being written again and again; copy it and read the copy")


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    """A descriptor; a pipe in the place of the file does not hold us up."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _parse(data: bytes, path: Path) -> StoredSnapshot:
    try:
        stored = StoredSnapshot.model_validate_json(data)
    except ValidationError as error:
        raise StoreError(_why(data, path, error)) from error
    return stored.model_copy(update={"failures": tuple(map(_who_was_silent, stored.failures))})


def _who_was_silent(failure: GatherFailure) -> GatherFailure:
    """The failure with its `silent`: older releases did not write that field, and their message alone says it."""
    if "silent" in failure.model_fields_set or failure.stage is not Stage.TIMEOUT:
        return failure
    silent = next((who for words, who in _SILENT_WORDS if failure.message.startswith(words)), None)
    return failure.model_copy(update={"silent": silent})


def _why(data: bytes, path: Path, error: ValidationError) -> str:
    """What is wrong with a snapshot.json, and what to do."""
    again = "gather again, or take the folder from a backup"
    try:
        document = json.loads(data)
    except (ValueError, RecursionError) as not_json:
        return f"{path} is damaged, it is not JSON ({not_json}); {again}"
    schema = document.get("schema") if isinstance(document, dict) else None
    family, _, number = SNAPSHOT_SCHEMA.rpartition("/")
    if not isinstance(schema, str) or not schema.startswith(family + "/"):
        return f'{path} is not a snapshot of calico-bgp: "schema" should be "{SNAPSHOT_SCHEMA}"'
    if schema != SNAPSHOT_SCHEMA:
        newer = re.fullmatch(r"[0-9]{1,9}", schema_number := schema.rpartition("/")[2]) and int(schema_number) > int(
            number
        )
        advice = "a newer calico-bgp wrote it; upgrade this one" if newer else "this version reads no other"
        return f'{path} has the schema "{schema[:100]}", this version reads "{SNAPSHOT_SCHEMA}": {advice}'
    first = error.errors(include_url=False, include_input=False)[0]
    where = ".".join(str(part) for part in first["loc"]) or "the document"
    return f"{path} is damaged or from a newer calico-bgp: {where}: {first['msg']}; upgrade, or {again}"


def _read_raw(path: Path, stored: StoredSnapshot) -> dict[str, str]:
    """Every raw output that there is, by file name. Links are not followed: the folder may come from elsewhere."""
    if stored.raw_folder is None:
        return {}
    raw = {}
    for name in raw_names(output.host for output in stored.outputs):
        try:
            descriptor = os.open(path / stored.raw_folder / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
            raw[name] = _text_of(descriptor)
        except OSError:
            continue
    return raw


def _read_resources(path: Path, stored: StoredSnapshot) -> tuple[tuple[str, str], ...]:
    """The resources as they were printed, by file name. No link is followed here either."""
    texts: list[tuple[str, str]] = []
    if stored.raw_folder is None or stored.resources is None:
        return ()
    with suppress(OSError):
        folder = os.open(path / stored.raw_folder / RESOURCES_FOLDER, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        try:
            for name in sorted(os.listdir(folder)):  # noqa: PTH208 - of a descriptor, which pathlib does not know
                if RESOURCES_FILE.fullmatch(name):
                    file = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
                    texts.append((name, _text_of(file)))
        finally:
            os.close(folder)
    return tuple(texts)


def _text_of(descriptor: int) -> str:
    try:
        data = read_open_regular(descriptor, limit=_LONGEST)
    finally:
        os.close(descriptor)
    try:
        return data.decode("utf-8", errors="surrogatepass")
    except UnicodeDecodeError:
        return data.decode("utf-8", errors="replace")
