"""All settings of a run: the user's file, and that of the folder, or the one that is named in their place."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from calico_bgp.model.settings.cluster_settings import ClusterSettings, Setting
from calico_bgp.model.settings.config import Config
from calico_bgp.parse.settings.clusters import CLUSTER_KEYS, Kind
from calico_bgp.parse.settings.config import parse_config
from calico_bgp.settings.own_files import read_own
from calico_bgp.settings.places import folder_file, is_there, user_file

#: In the place of a file: none at all.
NO_FILE = "none"
#: Of these the first cluster that sets one decides about all: a node's address of one file and a context of another
#: are not one cluster.
_SOURCES = frozenset({"hosts", "context", "kubeconfig"})
_PATHS = (Kind.PATH, Kind.PATHS)
_RESOURCES = frozenset({"resources", "resources_from"})


class SettingsFile(NamedTuple):
    """A file that was read, and not yet understood.

    Attributes:
        path: As it is called in errors.
        text: What stands in it.
        of_folder: Whether it lies in or above the current folder and was not named, so that it may not set everything.
    """

    path: Path
    text: str
    of_folder: bool


def settings_files(named: Path | None, *, folder: Path, environ: dict[str, str]) -> tuple[SettingsFile, ...]:
    """The files that count, the more important first.

    Args:
        named: The user's word (`--config`), which stands for all files; `none` for none.
        folder: The current one.
        environ: The environment.

    Raises:
        CalicoBGPError: A file is not the user's own, cannot be read, or the named one is missing.
    """
    if named is not None:
        return () if str(named) == NO_FILE else (SettingsFile(named, read_own(named), of_folder=False),)
    own, near = user_file(environ), folder_file(folder)
    files = []
    if is_there(own):
        files.append(SettingsFile(own, read_own(own), of_folder=False))
    if near is not None and not (files and near.samefile(own)):
        displayed = near.relative_to(folder) if near.parent == folder else near
        files.append(SettingsFile(displayed, read_own(near), of_folder=True))
    return tuple(files)


def load_config(files: Sequence[SettingsFile], *, known_rules: Collection[str] | None = None) -> Config | None:
    """What the files say together; None without any.

    Exceptions and maintenance add up, those of the folder first. Of output the folder's file decides. Of a cluster the
    user's own file decides, key by key; where it names neither hosts nor an API, hosts may come from the folder's.

    Raises:
        ConfigError: A file holds mistakes; all of its own are named.
    """
    configs = [
        parse_config(
            file.text,
            source=str(file.path),
            known_rules=known_rules,
            of_folder=file.of_folder,
        )
        for file in files
    ]
    configs = [_resolved(config, file.path.parent) for config, file in zip(configs, files, strict=True)]
    if not configs:
        return None
    merged, *others = configs
    for config in others:
        merged = _together(merged, config)
    return merged


def _resolved(config: Config, folder: Path) -> Config:
    """The same with paths that hold in the current folder."""
    clusters = tuple(
        ClusterSettings(cluster.name, tuple(_with_paths(setting, folder) for setting in cluster.settings))
        for cluster in config.clusters
    )
    return config.model_copy(update={"clusters": clusters})


def _with_paths(setting: Setting, folder: Path) -> Setting:
    if CLUSTER_KEYS[setting.key] not in _PATHS:
        return setting
    paths = setting.value if isinstance(setting.value, tuple) else (str(setting.value),)
    # `ssh_config = "none"` is a word of the option.
    absolute = tuple(path if path == NO_FILE else str(folder / Path(path).expanduser()) for path in paths)
    return replace(setting, value=absolute if isinstance(setting.value, tuple) else absolute[0])


def _together(own: Config, near: Config) -> Config:
    output = {setting.key: setting for setting in (*own.output, *near.output)}
    clusters = {cluster.name: cluster for cluster in near.clusters}
    for cluster in own.clusters:
        clusters[cluster.name] = _filled(cluster, clusters.get(cluster.name))
    return own.model_copy(
        update={
            "ignore": (*near.ignore, *own.ignore),
            "output": tuple(output.values()),
            "clusters": tuple(clusters.values()),
            "maintenance": (*near.maintenance, *own.maintenance),
        }
    )


def _filled(own: ClusterSettings, near: ClusterSettings | None) -> ClusterSettings:
    more: list[Setting] = []
    for setting in () if near is None else near.settings:
        kind = _SOURCES if setting.key in _SOURCES else _RESOURCES
        if not kind.intersection(own.by_key):
            more.append(setting)
    return ClusterSettings(own.name, (*own.settings, *more))
