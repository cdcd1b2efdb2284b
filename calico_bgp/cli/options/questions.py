"""The options that say what the nodes are asked for beside their peers. Nothing is asked here."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import click

from calico_bgp.sources.node.questions import ALL_PEERS, MANY_NODES, MANY_PEERS, Questions


def question_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options; the command gets them as one keyword `questions`."""

    @click.option(
        "--detail/--no-detail",
        default=None,
        help="Ask BIRD for the numbers of routes, limits and capabilities of every peer."
        f"  [default: of BIRDs with at most {MANY_PEERS} peers]",
    )
    @click.option(
        "--routes/--no-routes",
        default=None,
        help=f"Read the routes of BIRD and of the kernel as well.  [default: of at most {MANY_NODES} nodes]",
    )
    @wraps(command)
    def with_questions(*args: Any, detail: bool | None, routes: bool | None, **kwargs: Any) -> Any:
        most = ALL_PEERS if detail else MANY_PEERS
        return command(*args, questions=Questions(detail is not False, most, routes), **kwargs)

    return with_questions
