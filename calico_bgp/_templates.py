"""Finds a TextFSM template, in a wheel, an sdist, an editable install and a bare checkout. Nothing else."""

from __future__ import annotations

from functools import cache
from pathlib import Path


@cache
def template_text(name: str) -> str:
    """The text of `templates/<name>`.

    In a wheel the templates lie inside the package; in a checkout or editable install at its top level, beside the
    package. Both are folders of files: pydantic's compiled part keeps the package out of zip files, so nothing that
    reads from those (`importlib.resources`, a dozen modules) is loaded.

    Raises:
        FileNotFoundError: The installation is broken: no such template in either place.
    """
    package = Path(__file__).parent
    packaged = package / "templates" / name
    found = packaged if packaged.is_file() else package.parent / "templates" / name
    return found.read_text(encoding="utf-8")
