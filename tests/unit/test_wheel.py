"""The built wheel, in an empty environment: the templates are inside, and the command parses with them."""

import shutil
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CAPTURE = ROOT / "tests/fixtures/captures/v3.32/rr_ok_dual/node1.stdout.txt"


def _run(*command, **options):
    return subprocess.run([str(c) for c in command], check=True, capture_output=True, text=True, timeout=110, **options)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel, built from a copy of the checkout that holds only what a release needs."""
    source = tmp_path_factory.mktemp("source")
    for name in ("calico_bgp", "templates"):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md"):
        shutil.copy(ROOT / name, source / name)
    _run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", source / "dist", source)
    (built,) = (source / "dist").glob("*.whl")
    return built


def test_templates_and_types_are_inside(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {f"calico_bgp/templates/{path.name}" for path in (ROOT / "templates").glob("*.textfsm")} <= names
    assert "calico_bgp/py.typed" in names
    assert "calico_bgp/messages/info/texts.toml" in names
    assert not any(name.startswith(("tests/", "docs/", "benchmarks/")) for name in names)


def test_it_parses_in_an_empty_environment(wheel, tmp_path):
    """The environment has the wheel and what it depends on, but not the checkout."""
    home = tmp_path / "venv"
    venv.create(home, with_pip=False, symlinks=True)
    packages = _run(sys.executable, "-c", "import sysconfig; print(sysconfig.get_paths()['purelib'])").stdout.strip()
    site = next(home.glob("lib/python3*/site-packages"))
    _run(sys.executable, "-m", "pip", "--python", home / "bin/python", "install", "--no-index", "--no-deps", wheel)
    # The dependencies are taken from this environment, so that the test needs no package registry. The .pth of an
    # editable install is not followed there (PYTHONPATH is no site folder): calico_bgp can only be the wheel's.
    script = (
        "import calico_bgp, sys; from calico_bgp import parse_node_status; "
        f"status = parse_node_status(open({str(CAPTURE)!r}).read(), strict=True); "
        "print(calico_bgp.__file__, len(status.peers))"
    )
    done = _run(home / "bin/python", "-c", script, env={"PYTHONPATH": packages}, cwd=tmp_path)
    origin, peers = done.stdout.split()
    assert Path(origin).is_relative_to(site)
    assert peers == "10"
    # Its worker processes start too, and are the wheel's: a worker that cannot start is "lost".
    (tmp_path / "hosts.txt").write_text("127.0.0.1:1\n127.0.0.2:1\n")
    command = [home / "bin/python", "-m", "calico_bgp", "status", "hosts.txt", "--processes", "2", "--no-agent"]
    read = subprocess.run(
        [*command, "--ssh-config", "none"],
        env={"PYTHONPATH": packages, "HOME": str(tmp_path)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert read.returncode == 3, read.stderr
    assert read.stdout.count("refused the connection") == 2, read.stdout
