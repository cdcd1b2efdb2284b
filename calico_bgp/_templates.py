"""Finds a TextFSM template, in a wheel, an sdist, an editable install and a bare checkout. Nothing else."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from pathlib import Path


@cache
def template_text(name: str) -> str:
    """The text of `templates/<name>`.

    In a wheel the templates lie inside the package; in a checkout or editable install at its top level, beside the
    package.

    Raises:
        FileNotFoundError: The installation is broken: no such template in either place.
    """
    packaged = files("calico_bgp").joinpath("templates", name)
    if packaged.is_file():
        return packaged.read_text(encoding="utf-8")
    return (Path(__file__).parent.parent / "templates" / name).read_text(encoding="utf-8")
