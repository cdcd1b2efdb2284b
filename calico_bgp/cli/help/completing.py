"""What a shell completes behind an option: nodes, rules, causes, faults, states. No cluster is asked for it.

Everything heavy is imported where it is needed: a shell waits for every key.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from calico_bgp.errors import CalicoBGPError

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

#: Larger files are not read while somebody waits for a key; in bytes.
_LARGEST = 16_000_000
_MOST = 2_000
_HOSTS = Path("hosts.txt")

STATES = (
    "down",
    "Established",
    "Idle",
    "Active",
    "Connect",
    "OpenSent",
    "OpenConfirm",
    "Passive",
    "start",
    "up",
    "wait",
)


def complete_nodes(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The nodes that the files named before hold, else those of hosts.txt here; behind the last comma of a list."""
    del param
    try:
        names = _names(ctx)
    except (CalicoBGPError, OSError, ValueError, TypeError, AttributeError):
        return []  # whatever is wrong with a file, the command says it when it is run
    before, comma, last = incomplete.rpartition(",")
    named_already = set(before.split(","))
    return _items([f"{before}{comma}{name}" for name in names if name not in named_already], before + comma + last)


def complete_clusters(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The clusters of calico-bgp.toml."""
    del param
    from calico_bgp.cli.options.settings import files_of  # noqa: PLC0415
    from calico_bgp.settings.load import load_config  # noqa: PLC0415

    try:
        config = load_config(files_of(ctx, None))
    except (CalicoBGPError, OSError):
        return []
    return [] if config is None else _items([cluster.name for cluster in config.clusters], incomplete)


def complete_states(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The states of `status --state`."""
    del ctx, param
    return _items(STATES, incomplete)


def complete_topics(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Rules and kinds of causes, with their titles."""
    del ctx, param
    from calico_bgp.causes.families import CAUSE_KINDS  # noqa: PLC0415
    from calico_bgp.rules.catalogue import ALL_RULES  # noqa: PLC0415

    titles = {rule.id: rule.title for rule in ALL_RULES} | {name: kind.title for name, kind in CAUSE_KINDS.items()}
    return _with_meanings(dict(sorted(titles.items())), incomplete) or _installed(incomplete)


def complete_rules(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The rules of the lint, with their titles."""
    del ctx, param
    from calico_bgp.rules.resources import LINT_RULES  # noqa: PLC0415

    return _with_meanings({rule.id: rule.title for rule in LINT_RULES}, incomplete) or _installed(incomplete)


def _installed(incomplete: str) -> list[CompletionItem]:
    """Rules of installed packages. To find them takes a moment, so that it is done only where nothing of ours fits."""
    from calico_bgp.plugins import AUDIT_GROUP, LINT_GROUP, installed_rules  # noqa: PLC0415

    rules = [rule for group in (AUDIT_GROUP, LINT_GROUP) for rule in installed_rules(group).rules]
    return _with_meanings({rule.id: rule.title for rule in rules}, incomplete)


def complete_faults(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The faults of a cluster that the lab can show."""
    del ctx, param
    from calico_bgp.lab.faults.catalogue import CATALOGUE  # noqa: PLC0415

    return _with_meanings({str(entry.kind): entry.meaning for entry in CATALOGUE}, incomplete)


def complete_api_faults(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The faults of the Kubernetes API that the lab can show."""
    del ctx, param
    from calico_bgp.lab.servers.kubernetes.faults import API_CATALOGUE  # noqa: PLC0415

    return _with_meanings({str(entry.kind): entry.meaning for entry in API_CATALOGUE}, incomplete)


def complete_all_faults(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Both."""
    return [*complete_faults(ctx, param, incomplete), *complete_api_faults(ctx, param, incomplete)]


def _with_meanings(meanings: Mapping[str, str], incomplete: str) -> list[CompletionItem]:
    return [_item(name, text) for name, text in meanings.items() if name.startswith(incomplete)]


def _item(name: str, meaning: str | None = None) -> CompletionItem:
    from click.shell_completion import CompletionItem  # noqa: PLC0415 - only a shell that completes needs it

    return CompletionItem(name, help=meaning)


def _items(names: Iterable[str], incomplete: str) -> list[CompletionItem]:
    return [_item(name) for name in names if name.startswith(incomplete)][:_MOST]


def _names(ctx: click.Context) -> list[str]:
    from calico_bgp.natural_order import natural_key  # noqa: PLC0415

    params: dict[str, Any] = dict(ctx.params)
    # An option without its value ends click's parsing before it gives the arguments their names.
    existing_files = [each for each in ctx.args if Path(each).exists()]
    for argument in ("hosts", "resources"):
        if argument in params and not params[argument] and existing_files:
            params[argument] = existing_files if argument == "resources" else existing_files[0]
    if params.get("snapshot"):
        names = _of_snapshot(Path(params["snapshot"]))
    elif params.get("paths") or params.get("resources"):
        names = _of_resources([str(path) for path in params.get("paths") or params["resources"]])
    elif params.get("hosts") or _HOSTS.is_file():
        names = _of_hosts(Path(params.get("hosts") or _HOSTS))
    else:
        names = []
    # What would need quotes in a shell is no name of a node.
    return sorted({name for name in names if name.isprintable() and " " not in name}, key=natural_key)


def _of_snapshot(folder: Path) -> list[str]:
    import json  # noqa: PLC0415

    document = json.loads(_small(folder / "snapshot.json"))
    return [each.get("node") or each["host"] for part in ("readings", "failures") for each in document.get(part, ())]


def _of_hosts(path: Path) -> list[str]:
    from calico_bgp.parse.hosts.reader import parse_hosts  # noqa: PLC0415

    return [host.node or host.label for host in parse_hosts(_small(path), source=str(path))]


def _of_resources(paths: Sequence[str]) -> list[str]:
    from calico_bgp.cli.sources.resource_files import read_resources  # noqa: PLC0415

    if "-" in paths:
        return []  # standard input is the terminal of whoever types
    return [node.name for node in read_resources(paths).nodes]


def _small(path: Path) -> str:
    from calico_bgp.cli.sources.files import read_text  # noqa: PLC0415

    return read_text(str(path), limit=_LARGEST)
