"""The options of what feeds Prometheus. Nothing listens here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import click

LOOPBACK = "127.0.0.1"


class Endpoint(NamedTuple):
    """Where to listen."""

    host: str
    port: int


def parse_endpoint(text: str) -> Endpoint:
    """`9469`, `0.0.0.0:9469` or `[::]:9469`, for click's `type=`. A port alone is this machine's own.

    Raises:
        click.BadParameter: It is none of these.
    """
    host, _, port = text.strip().rpartition(":")
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    elif ":" in host:
        host = ""
        port = ""
    if not port.isdecimal() or len(port) > 5 or not int(port) < 65536:
        raise click.BadParameter(f"{text!r}: expected a port, 9469, or an address and a port, 0.0.0.0:9469")
    return Endpoint(host or LOOPBACK, int(port))


def per_node_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--metrics-per-node on|off`, as keyword `per_node`."""
    return click.option(
        "--metrics-per-node",
        "per_node",
        type=click.Choice(["on", "off"]),
        default="on",
        show_default=True,
        callback=lambda _ctx, _param, value: value == "on",
        help="Metrics of every node: ten series each and family.",
    )(command)
