"""Calico's resources beside a source: `--resources PATH`, or `--resources-from HOST` while the nodes are read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, wraps
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import click

from calico_bgp.errors import CalicoBGPError, GatherError, ResourceError
from calico_bgp.model.inventory import Host
from calico_bgp.model.reading import GatherFailure, Stage
from calico_bgp.model.resources import Resources
from calico_bgp.model.snapshot import Snapshot
from calico_bgp.parse.destination import DestinationError, parse_destination
from calico_bgp.report.text.names import compress_names
from calico_bgp.report.text.sanitize import plain
from calico_bgp.sources.gather import failure_of

if TYPE_CHECKING:
    from calico_bgp.sources.resources.answer import Fetched


class Fetcher(Protocol):
    """What can ask a host for resources: SSHGatherer."""

    def fetch_resources(self, host: Host) -> Fetched:
        """See there."""
        ...


class Given(NamedTuple):
    """The resources that a run has, or why it has none.

    Attributes:
        resources: None when they could not be read.
        failure: Why.
        raw: (file name, text) as a host printed them; empty for files, which the user has.
    """

    resources: Resources | None
    failure: GatherFailure | None = None
    raw: tuple[tuple[str, str], ...] = ()

    def onto(self, snapshot: Snapshot) -> Snapshot:
        """A snapshot with these resources in the place of its own."""
        update = {"resources": self.resources, "resources_failure": self.failure, "resources_raw": self.raw}
        return snapshot.model_copy(update=update)


@dataclass(frozen=True)
class ResourceOptions:
    """The user's choice, not yet read.

    Attributes:
        paths: Files and folders, `-` for standard input.
        host: Who is asked for them: a name of hosts.txt, or `[user@]host[:port]`.
    """

    paths: tuple[str, ...] = ()
    host: str | None = None

    def __bool__(self) -> bool:
        return bool(self.paths) or self.host is not None

    @cached_property
    def from_files(self) -> Given | None:
        """The resources in the files, None when none were named. Read once: standard input comes only once.

        Raises:
            CalicoBGPError: A file is missing or not what it should be.
        """
        if not self.paths:
            return None
        from calico_bgp.cli.sources.resource_files import read_resources  # noqa: PLC0415 - most runs read none

        try:
            return Given(read_resources(self.paths))
        except CalicoBGPError:
            raise
        except Exception as error:  # noqa: BLE001 - a mistake of ours must not cost what the nodes say
            return _failed(_our_fault(", ".join(self.paths), error))


def resource_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add both options; the command gets them as one keyword `resources`."""

    @click.option(
        "--resources",
        "paths",
        metavar="PATH",
        multiple=True,
        help="Calico's resources: a file or folder of YAML or JSON (calicoctl get nodes -o json), - for standard"
        " input. Repeatable.",
    )
    @click.option(
        "--resources-from",
        "resources_host",
        metavar="HOST",
        help="Fetch them in this run with calicoctl or kubectl on a host that can: a name in HOSTS, or"
        " [user@]host[:port].",
    )
    @wraps(command)
    def with_resources(*args: Any, paths: tuple[str, ...], resources_host: str | None, **kwargs: Any) -> Any:
        if paths and resources_host is not None:
            raise click.UsageError("give --resources PATH or --resources-from HOST, not both.")
        return command(*args, resources=ResourceOptions(paths, resources_host), **kwargs)

    return with_resources


def resources_host(text: str, hosts: Sequence[Host]) -> Host:
    """The host to ask: one of the inventory by its name, label or node name, else what the text itself says.

    Raises:
        click.UsageError: It is no destination, or the name of several hosts.
    """
    matching = [host for host in hosts if text in (host.label, host.name, host.node)]
    if len(matching) > 1:
        labels = plain(compress_names([host.label for host in matching], limit=3))
        raise click.UsageError(f"--resources-from {text}: several hosts are called so: {labels}; name one of them.")
    if matching:
        return matching[0]
    try:
        user, name, port = parse_destination(text)
    except DestinationError as error:
        raise click.UsageError(f"--resources-from: {error.message}; expected {error.expected}.") from error
    return Host(name=name, user=user, port=port)


def fetch(host: Host, fetcher: Fetcher) -> Given:
    """Ask a host for its resources. A host that gives none is reported here; the nodes are read all the same."""
    from calico_bgp.parse.resources.reader import parse_resources  # noqa: PLC0415 - as above

    try:
        fetched = fetcher.fetch_resources(host)
        texts = [(f"{host.label}:{name}", text) for name, text in fetched.texts]
        resources = Given(parse_resources(texts), raw=fetched.texts)
    except GatherError as error:
        return _failed(failure_of(host, error))
    except ResourceError as error:
        more = f" (and {len(error.problems) - 1} more)" if len(error.problems) > 1 else ""
        message = f"what it printed is not right: {error.problems[0]}{more}"
        return _failed(GatherFailure(host=host.label, node=host.node, stage=Stage.PARSE, message=message))
    except Exception as error:  # noqa: BLE001 - a mistake of ours must not cost the readings of the nodes
        return _failed(_our_fault(host.label, error))
    if fetched.warning is not None:
        click.echo(f"calico-bgp: {plain(fetched.warning)}", err=True)
    return resources


def _our_fault(where: str, error: Exception) -> GatherFailure:
    why = f"calico_bgp failed while it read them: {type(error).__name__}: {error}"
    return GatherFailure(host=where, stage=Stage.PARSE, message=why, hint="please report it")


def _failed(failure: GatherFailure) -> Given:
    click.echo(failure_text(failure), err=True)
    return Given(None, failure)


def failure_text(failure: GatherFailure) -> str:
    """Why there are no resources, for stderr."""
    text = f"calico-bgp: no resources from {plain(failure.host)}: {plain(failure.message)}"
    return f"{text}\n    {plain(failure.hint)}" if failure.hint else text
