"""Settings as defaults of a command's options: the environment, then calico-bgp.toml. What is typed comes before both.

A source of nodes is one decision: whoever names one, in whatever way, names all of it. So HOSTS on the command line
takes no context from a file, and CALICO_BGP_CONTEXT none of a cluster's hosts.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import click

from calico_bgp.errors import CalicoBGPError
from calico_bgp.model.settings.cluster_settings import ClusterSettings, Setting, SettingValue
from calico_bgp.model.settings.config import Config
from calico_bgp.parse.lines import did_you_mean
from calico_bgp.parse.settings.clusters import CLUSTER_KEYS, Kind
from calico_bgp.settings.load import SettingsFile, load_config, settings_files

PREFIX = "CALICO_BGP_"
#: Key of a file -> the parameter whose default it is, where the names differ.
_PARAMETERS = {"resources": "paths", "resources_from": "resources_host", "version": "calico_version", "format": "form"}
_SOURCES = ("hosts", "snapshot", "context", "kubeconfig")
_SOURCE_PARAMETERS = frozenset({*_SOURCES, "pasted", "in_cluster", "retry_failed"})
_RESOURCE_PARAMETERS = frozenset({"paths", "resources_host"})
_FILES = "calico_bgp.settings_files"
_ORIGINS = "calico_bgp.settings_origins"


def files_of(ctx: click.Context, named: Path | None) -> tuple[SettingsFile, ...]:
    """The files of settings of this run; each is read once.

    Raises:
        CalicoBGPError: As `settings_files`.
    """
    if named is None and os.environ.get(f"{PREFIX}CONFIG"):
        named = Path(os.environ[f"{PREFIX}CONFIG"])
    files_by_name: dict[Path | None, tuple[SettingsFile, ...]] = ctx.find_root().meta.setdefault(_FILES, {})
    if named not in files_by_name:
        files_by_name[named] = settings_files(named, folder=Path.cwd(), environ=dict(os.environ))
    return files_by_name[named]


def use_settings(ctx: click.Context, typed: Mapping[str, Any]) -> None:
    """Put environment and files below what was typed, as the context's `default_map`.

    Args:
        ctx: Of the command; its parameters decide what can be set.
        typed: The parameters of the command line, as texts.

    Raises:
        CalicoBGPError: A file is not the user's own, cannot be read or holds mistakes.
        click.UsageError: A cluster is not there.
    """
    parameters_by_name = {param.name: param for param in ctx.command.params}
    named = typed.get("config")
    config = load_config(files_of(ctx, None if named is None else Path(named))) or Config()
    from_environment = _of_environment(parameters_by_name)
    cluster, name = _cluster(ctx, config, typed, from_environment)
    settings: dict[str, Setting] = {_PARAMETERS.get(s.key, s.key): s for s in config.output}
    if cluster is not None:
        settings |= {_PARAMETERS.get(s.key, s.key): s for s in cluster.settings}
    source_of_cluster = {key: settings[key] for key in _SOURCES if key in settings}
    settings |= from_environment
    if "cluster" in typed and source_of_cluster:
        settings = {key: value for key, value in settings.items() if key not in _SOURCE_PARAMETERS} | source_of_cluster
    elif any(key in from_environment for key in _SOURCES):
        settings = {
            key: value for key, value in settings.items() if key not in source_of_cluster or key in from_environment
        }
    for parameters in (_SOURCE_PARAMETERS, _RESOURCE_PARAMETERS):
        if parameters.intersection(typed):
            settings = {key: value for key, value in settings.items() if key not in parameters}
    if _RESOURCE_PARAMETERS.intersection(from_environment):
        settings = {k: v for k, v in settings.items() if k not in _RESOURCE_PARAMETERS or k in from_environment}
    settings = {
        key: setting
        for key, setting in settings.items()
        if key in parameters_by_name and _fits(parameters_by_name[key], setting)
    }
    ctx.meta[_ORIGINS] = settings
    ctx.default_map = {key: _for_click(setting.value) for key, setting in settings.items()}
    if name is not None and "cluster" in parameters_by_name:
        ctx.default_map["cluster"] = name


def where_it_stands(ctx: click.Context, error: click.BadParameter) -> CalicoBGPError | None:
    """The error of a value that came from a file or the environment, with its place; None for what was typed."""
    origins: dict[str, Setting] = ctx.meta.get(_ORIGINS, {})
    param = error.param
    if param is None or param.name not in origins:
        return None
    if ctx.get_parameter_source(param.name) is click.core.ParameterSource.COMMANDLINE:
        return None
    setting = origins[param.name]
    return CalicoBGPError(f"{setting.place}: {setting.key} = {setting.value!r}: {error.message}")


def _cluster(
    ctx: click.Context, config: Config, typed: Mapping[str, Any], from_environment: Mapping[str, Setting]
) -> tuple[ClusterSettings | None, str | None]:
    """The cluster whose settings count, and its name."""
    word = typed.get("cluster") or os.environ.get(f"{PREFIX}CLUSTER")
    has_source = bool(_SOURCE_PARAMETERS.intersection(typed))
    if word is None:
        default = config.default_cluster
        # Whoever names a source means that, not the default.
        if default is None or has_source or any(key in from_environment for key in _SOURCES):
            return None, None
        settings = config.cluster(str(default.value))
        if settings is None:
            near = did_you_mean(str(default.value), [cluster.name for cluster in config.clusters])
            raise CalicoBGPError(f"{default.place}: default_cluster: there is no [clusters.{default.value}]{near}")
        return settings, settings.name
    settings = config.cluster(word)
    if settings is None and config.clusters:
        names = [cluster.name for cluster in config.clusters]
        near = did_you_mean(word, names)
        if not has_source and not any(key in from_environment for key in _SOURCES):
            # A label would go onto whatever cluster kubectl happens to mean.
            what_there_is = near or f"; there are {', '.join(names)}"
            raise click.UsageError(
                f"no cluster is called '{word}'{what_there_is} (as a label it needs a source beside it).", ctx
            )
        if near:
            click.echo(f"calico-bgp: no cluster is called '{word}'{near} It is taken as a label.", err=True)
    return settings, word


def _of_environment(parameters: Collection[str | None]) -> dict[str, Setting]:
    settings = {}
    for key, kind in {**CLUSTER_KEYS, "snapshot": Kind.PATH}.items():
        variable, parameter = f"{PREFIX}{key.upper()}", _PARAMETERS.get(key, key)
        text = os.environ.get(variable, "")
        if text and parameter in parameters:
            settings[parameter] = Setting(key, _from_text(text, kind), variable)
    return settings


def _from_text(text: str, kind: Kind) -> SettingValue:
    if kind is Kind.PATHS:
        return tuple(text.split(os.pathsep))
    if kind is Kind.FLAG:
        return text.strip().lower() in ("1", "true", "yes", "on")
    return text


def _fits(param: click.Parameter, setting: Setting) -> bool:
    """Whether this command knows the value: `format = "json"` means those that write JSON."""
    return not isinstance(param.type, click.Choice) or setting.key != "format" or setting.value in param.type.choices


def _for_click(value: SettingValue) -> Any:
    return list(value) if isinstance(value, tuple) else value
