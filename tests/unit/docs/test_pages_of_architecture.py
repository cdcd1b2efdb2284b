"""docs/architecture.md names every room of the package, from top to bottom, and no file that does not exist."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[3]
PACKAGE = ROOT / "calico_bgp"
PAGE = (ROOT / "docs" / "architecture.md").read_text()
MAP = PAGE.partition("\n## The map\n")[2].partition("\n## ")[0]


def rooms_of_the_contract() -> list[str]:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    (layers,) = (contract["layers"] for contract in contracts if contract["type"] == "layers")
    return [name for layer in layers for name in layer.split(" | ")]


def test_the_map_names_every_room_and_keeps_the_order_of_the_layers():
    rooms = [name for name in rooms_of_the_contract() if (PACKAGE / name).is_dir()]
    named = re.findall(r"^\| `(\w+)` \|", MAP, re.MULTILINE)
    of_layer = {name: number for number, name in enumerate(rooms)}
    assert sorted(named) == sorted(rooms)
    assert named == sorted(named, key=of_layer.__getitem__)


def test_the_map_names_every_file_beside_the_rooms():
    files = [name for name in rooms_of_the_contract() if not (PACKAGE / name).is_dir()]
    below = MAP.partition("Single files beside them")[2]
    missing = {name for name in files if f"`{name}`" not in below} - {"__main__"}
    assert not missing


def test_every_file_that_the_page_names_exists():
    named = set(re.findall(r"`([\w/]+\.py)`", PAGE))
    assert len(named) > 15
    assert {name for name in named if not (PACKAGE / name).is_file()} == set()
