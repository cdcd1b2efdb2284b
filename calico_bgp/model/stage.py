"""Where reading a node failed. Values only."""

from __future__ import annotations

from enum import StrEnum


class Stage(StrEnum):
    """Where reading a node failed."""

    RESOLVE = "resolve"
    CONNECT = "connect"
    HOST_KEY = "host_key"
    AUTHENTICATE = "authenticate"
    COMMAND = "command"
    TIMEOUT = "timeout"
    PARSE = "parse"
