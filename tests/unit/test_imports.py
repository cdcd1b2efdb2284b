"""Every module can be imported by its path, in both forms, and `import calico_bgp` by itself loads nothing."""

import pkgutil
import subprocess
import sys
from importlib import import_module

import pytest

import calico_bgp

MODULES = sorted(
    module.name
    for module in pkgutil.walk_packages(calico_bgp.__path__, "calico_bgp.")
    if not module.name.endswith("__main__")
)


def python(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    return done.stdout.strip()


def test_walks_the_whole_house():
    assert {"calico_bgp.auditing.engine", "calico_bgp.sources.gather", "calico_bgp.cli.main"} <= set(MODULES)


@pytest.mark.parametrize("name", MODULES)
def test_a_module_is_found_by_its_path(name):
    module = import_module(name)
    namespace: dict[str, object] = {}
    exec(f"import {name} as by_path", namespace)
    room, _, last = name.rpartition(".")
    exec(f"from {room} import {last} as from_room", namespace)
    assert namespace["by_path"] is module
    assert namespace["from_room"] is module


def test_no_room_bears_the_name_of_a_public_function():
    rooms = {name.split(".")[1] for name in MODULES}
    assert not rooms & set(calico_bgp.__all__)


def test_public_names_do_not_depend_on_what_was_imported_before():
    assert (
        python(
            "import calico_bgp.auditing.engine, calico_bgp.sources.gather, calico_bgp\n"
            "print(calico_bgp.audit.__name__, calico_bgp.gather.__name__)"
        )
        == "audit gather"
    )


def test_import_loads_nothing_but_importlib():
    loaded = python(
        "import sys, importlib\nbefore = set(sys.modules)\nimport calico_bgp\nprint(*sorted(set(sys.modules) - before))"
    )
    assert set(loaded.split()) - {"__future__"} == {"calico_bgp"}


@pytest.mark.parametrize("name", calico_bgp.__all__)
def test_every_public_name_is_lazy_and_there(name):
    assert python(f"import calico_bgp; print({name!r} in vars(calico_bgp)); calico_bgp.{name}") == "False"


def test_all_is_sorted_and_complete():
    assert calico_bgp.__all__ == sorted(calico_bgp._HOME)
