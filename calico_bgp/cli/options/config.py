"""`--config FILE` of the audit and of the lint: the exceptions that the operator accepts. parse.config reads them."""

from __future__ import annotations

from pathlib import Path

from calico_bgp.cli.sources.files import read_text
from calico_bgp.model.config import Config
from calico_bgp.parse.config import parse_config
from calico_bgp.rules.catalogue import ALL_IDS

DEFAULT_CONFIG = Path("calico-bgp.toml")


def load_config(path: Path | None) -> Config | None:
    """The exceptions file: the one named, else calico-bgp.toml here, else none.

    One file serves audit and lint, so it may name the rules of both.

    Raises:
        CalicoBGPError: The one named is missing, or a file cannot be read or parsed.
    """
    if path is None and not DEFAULT_CONFIG.is_file():
        return None
    source = str(path or DEFAULT_CONFIG)
    return parse_config(read_text(source), source=source, known_rules=ALL_IDS)
