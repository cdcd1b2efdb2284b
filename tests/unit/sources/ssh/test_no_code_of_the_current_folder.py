"""A folder with a file for every module that could be imported: nothing of it runs, and the audit works."""

import json
import os
import subprocess
import sys
from pathlib import Path

import paramiko
import pytest

import calico_bgp
from calico_bgp.lab import Lab, build_cluster

SCRIPT = Path(sys.executable).with_name("calico-bgp")
# Never more than a line in a file: a file here that starts a program is a fork bomb when it runs after all.
PLANTED = "open({proof!r}, 'a').write(__name__ + '\\n')\nraise SystemExit('code of the current folder ran')\n"


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    with Lab(build_cluster(3)) as running:
        yield running


def top_level_names() -> set[str]:
    """The standard library's, and those of everything that is installed beside paramiko."""
    installed = Path(paramiko.__file__).parents[1].iterdir()
    names = {path.name.partition(".")[0] for path in installed if path.is_dir() or path.suffix in {".py", ".so"}}
    return {name for name in {*sys.stdlib_module_names, *names, "calicoctl"} if name.isidentifier()} - {"calico_bgp"}


def loaded_before_us(folder: Path) -> set[str]:
    """What Python itself imports for `python -m PACKAGE` before a line of that package runs."""
    package = folder / "probe"
    package.mkdir()
    (package / "__init__.py").write_text("import sys; print(*sys.modules)")
    (package / "__main__.py").write_text("")
    done = subprocess.run(
        [sys.executable, "-m", "probe"], cwd=folder, capture_output=True, text=True, timeout=20, check=True
    )
    return {name.partition(".")[0] for name in done.stdout.split()}


@pytest.fixture(scope="module")
def planted(tmp_path_factory):
    """The folder, and the file in which those that run sign; a checkout of ours is in it, too."""
    folder, proof = tmp_path_factory.mktemp("planted"), tmp_path_factory.mktemp("proof") / "PROOF"
    names = top_level_names() - loaded_before_us(tmp_path_factory.mktemp("probe"))
    assert {"secrets", "queue", "paramiko", "click", "pydantic", "yaml", "__future__", "readline"} <= names
    for name in names:
        (folder / f"{name}.py").write_text(PLANTED.format(proof=str(proof)))
    for name in ("calico_bgp", "templates"):
        (folder / name).symlink_to(Path(calico_bgp.__file__).parents[1] / name)
    return folder, proof


@pytest.mark.parametrize(
    ("form", "processes"), [("script", "2"), ("-m", "1"), ("-m", "2"), ("-P -m", "2"), ("PYTHONSAFEPATH", "2")]
)
def test_nothing_of_the_current_folder_runs(lab, planted, tmp_path, form, processes):
    folder, proof = planted
    environment = os.environ | {"HOME": str(tmp_path)}
    environment.pop("PYTHONPATH", None)
    command = [sys.executable, "-m", "calico_bgp"]
    if form == "script":
        command = [str(SCRIPT)]
    elif form == "-P -m":
        command.insert(1, "-P")
    elif form == "PYTHONSAFEPATH":
        environment["PYTHONSAFEPATH"] = "1"
    done = subprocess.run(
        [
            *(*command, "audit", str(lab.hosts_file), "--processes", processes, "--format", "json"),
            *("--known-hosts", str(lab.known_hosts), "--no-agent", "--ssh-config", "none"),
        ],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert not proof.exists(), proof.read_text()
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["checked"]["nodes_read"] == 3


def test_what_the_user_put_on_the_path_is_the_users(tmp_path):
    """A folder of PYTHONPATH stays, be it the current one."""
    code = "import calico_bgp.__main__ as m, sys; sys.path.insert(0, {0!r}); m.leave_the_current_folder(); "
    code += "print(sys.path.count({0!r}))"
    for variable, left in (("", "0"), (str(tmp_path), "1")):
        done = subprocess.run(
            [sys.executable, "-c", code.format(str(tmp_path))],
            cwd=tmp_path,
            env=os.environ | {"PYTHONPATH": variable},
            capture_output=True,
            text=True,
            timeout=20,
            check=True,
        )
        assert (done.stdout.strip(), done.stderr) == (left, "")
