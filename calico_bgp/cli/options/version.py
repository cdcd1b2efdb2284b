"""`--calico-version`: which Calico the resources are meant for. The rules that differ are expect/'s."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from calico_bgp.expect.version import NEWEST, CalicoVersion, parse_version


def _version(text: str) -> CalicoVersion:
    try:
        return parse_version(text)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error


def version_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--calico-version V`, as keyword `calico_version`; None when the user says nothing."""
    return click.option(
        "--calico-version",
        type=_version,
        metavar="V",
        help=f"The Calico that runs, such as v3.31: its releases differ. [default: {NEWEST}, the newest known]",
    )(command)
