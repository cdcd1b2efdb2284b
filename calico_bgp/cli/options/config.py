"""The exceptions that the operator accepts: of `--config FILE`, else of all files of settings."""

from __future__ import annotations

from pathlib import Path

import click

from calico_bgp.cli.options.settings import files_of
from calico_bgp.cli.running.own_rules import own_lint_rules, own_rules
from calico_bgp.model.settings.config import Config
from calico_bgp.rules.catalogue import ALL_IDS
from calico_bgp.settings.load import load_config as load


def load_config(path: Path | None) -> Config | None:
    """All that calico-bgp.toml says: the one named, else the user's own and the one in or above the current folder.

    One file serves audit and lint, so it may name the rules of both.

    Raises:
        CalicoBGPError: The one named is missing, or a file cannot be read or parsed.
    """
    return load(
        files_of(click.get_current_context(), path),
        known_rules=ALL_IDS | {rule.id for rule in (*own_rules(), *own_lint_rules())},
    )
