"""Clusters as nobody would make them by hand: what tests know, with a few values of it changed at random.

Nobody says what is right of them. Their answers are kept (tests/unit/auditing/test_odd_worlds.py), so that whoever
changes the code sees what else it changes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from random import Random
from typing import Any

from pydantic import ValidationError

from calico_bgp.lab.cluster import LabCluster, Topology, Variant, build_cluster
from calico_bgp.lab.faults.catalogue import CATALOGUE
from calico_bgp.lab.faults.fault import FaultError, parse_fault
from calico_bgp.lab.printing.resources import lab_resources
from calico_bgp.model.peer import Family
from calico_bgp.model.snapshot import Snapshot
from calico_bgp.store.snapshot_reader import load_snapshot
from tests.conftest import FIXTURES
from tests.unit.auditing.conftest import snapshot_of
from tests.unit.rules.observed.message_examples import MESSAGE_EXAMPLES
from tests.unit.rules.observed.rule_examples import EXAMPLES
from tests.with_routes import with_routes

_V4, _DUAL = (Family.IPV4,), (Family.IPV4, Family.IPV6)
_TRIES = 20

Made = Callable[[], Snapshot]


@dataclass(frozen=True)
class OddWorld:
    """One of them.

    Attributes:
        base: What it was before.
        snapshot: What it is.
    """

    base: str
    snapshot: Snapshot


def odd_world(number: int) -> OddWorld:
    """The same one for the same number."""
    random = Random(number)
    base = _one_of(bases(), random) if random.random() < 0.4 else None
    while True:
        name, made = (base, _base(base)) if base else _lab(random)
        for _ in range(_TRIES):
            document = json.loads(made.model_dump_json(by_alias=True))
            for _ in range(random.randint(0, 3)):
                _change(document, random)
            try:
                return OddWorld(name, Snapshot.model_validate(document))
            except ValidationError:
                continue


@cache
def bases() -> Mapping[str, Made]:
    """What tests know: the example of each rule and message, its near miss, and what real BIRDs showed."""
    found: dict[str, Made] = {}
    for rule, example in EXAMPLES.items():
        found |= {f"example of {rule}": example.made, f"near miss of {rule}": example.near_miss}
    for (rule, key), made in MESSAGE_EXAMPLES.items():
        found[f"example of {rule}/{key}"] = made
    for path in (FIXTURES / "rig").iterdir():
        found[f"real {path.name}"] = lambda path=path: load_snapshot(path)  # type: ignore[misc]
    return found


@cache
def _base(name: str) -> Snapshot:
    return bases()[name]()


def _lab(random: Random) -> tuple[str, Snapshot]:
    """A lab of any kind with up to three faults, as one or the other source would see it."""
    cluster = build_cluster(
        random.randint(3, 8),
        reflectors=random.randint(1, 3),
        topology=random.choice([Topology.MESH, Topology.REFLECTORS]),
        variant=random.choice(list(Variant)),
        families=random.choice([_V4, _DUAL]),
        switch=random.random() < 0.2,
        zones=random.randint(0, 3),
    )
    faults = [_fault(random, cluster) for _ in range(random.choice([0, 1, 1, 1, 2, 2, 3]))]
    options = {name: random.random() < 0.8 for name in ("roles", "addresses", "names")}
    if random.random() < 0.5:
        return " ".join(faults) or "healthy", snapshot_of(cluster, *faults, **options)
    resources = lab_resources(cluster, [parse_fault(fault, cluster) for fault in faults])
    made = with_routes if random.random() < 0.7 else snapshot_of
    snapshot = made(cluster, *faults, **options).model_copy(update={"resources": resources})
    return f"{' '.join(faults) or 'healthy'}, with resources", snapshot


def _fault(random: Random, cluster: LabCluster) -> str:
    names = [node.name for node in cluster.nodes]
    while True:
        kind = _one_of((entry.kind.value for entry in CATALOGUE), random)
        nodes = random.sample(names, random.randint(0, 3))
        text = f"{kind}:{','.join(nodes)}" if nodes else kind
        try:
            parse_fault(text, cluster)
        except FaultError:
            continue
        return text


def _one_of(names: Iterable[str], random: Random) -> str:
    """The name that a hash ranks first: one that is added later changes only the worlds that then choose it."""
    salt = random.random()
    return max(names, key=lambda name: sha256(f"{salt} {name}".encode()).digest())


def _change(document: Any, random: Random) -> None:
    """One value of it, anywhere: gone, twice, another one of the same name, or a little more or less."""
    parent, key, name = _place(document, random)
    value = parent[key]
    others = sorted({json.dumps(other) for other in _named(document, name)} - {json.dumps(value)})
    choices: list[Callable[[], Any]] = [lambda: json.loads(random.choice(others))] * 3 if others else []
    if isinstance(value, bool):
        choices.append(lambda: not value)
    elif isinstance(value, int):
        choices.append(lambda: value + random.choice([-1, 1]))
    if isinstance(parent, list):
        action = random.choice(["other", "drop", "again", "swap"])
        if action == "drop":
            del parent[key]
            return
        if action != "other" or not choices:
            other = random.randrange(len(parent))
            parent[key], parent[other] = (parent[other], parent[other] if action == "again" else value)
            return
    else:
        choices.append(lambda: [] if isinstance(value, list) else None)
    parent[key] = random.choice(choices)()


def _place(document: Any, random: Random) -> tuple[Any, Any, str]:
    """A way down from the top, each turn at random: where it ends, and the field's name.

    It ends at what has nothing in it, and sometimes before.
    """
    parent, key = document, random.choice(sorted(key for key, value in document.items() if value))
    name = key
    while (value := parent[key]) and isinstance(value, dict | list) and (random.random() < 0.85 or parent is document):
        parent, key = value, random.choice(sorted(value)) if isinstance(value, dict) else random.randrange(len(value))
        name = key if isinstance(value, dict) else f"{name}[]"
    return parent, key, name


def _named(value: Any, wanted: str, name: str = "") -> Iterator[Any]:
    """Every value of a field of this name; what stands in a list has the list's."""
    if name == wanted:
        yield value
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _named(inner, wanted, key)
    elif isinstance(value, list):
        for inner in value:
            yield from _named(inner, wanted, f"{name}[]")
