"""Writes docs/notebooks/incident.md, the notebook with what its cells show: `python docs/render_notebook.py`.

It runs the notebook, which takes a quarter of a minute and shows the time of day; so `make generate` leaves it alone,
and a test that runs the notebook anyhow compares the page with what it saw, but for times (`masked`).
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

NOTEBOOK = Path(__file__).parent / "notebooks" / "incident.ipynb"
PAGE = NOTEBOOK.with_suffix(".md")

_STYLE = re.compile(r"<style.*?</style>", re.DOTALL)
#: What two runs of the same notebook show differently: the hour, ports of loopback, how long something took.
_CHANGING = re.compile(
    r"\d{4}-\d\d-\d\d(?: |T)?|\d\d:\d\d(?::\d\d)?(?:\.\d+)?|(?<=127\.0\.0\.1:)\d+|\d+(?:\.\d+)?(?= ?(?:s|min|h|d)\b)"
)


def run() -> Any:
    """The notebook with its outputs."""
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    where = {"metadata": {"path": str(NOTEBOOK.parent)}}
    NotebookClient(notebook, timeout=60, kernel_name="python3", resources=where).execute()
    return notebook


def page(notebook: Any) -> str:
    """The page of an executed notebook: its texts, its code, and below each cell what that shows."""
    parts: list[str] = []
    styled = False
    for cell in notebook.cells:
        if cell.cell_type != "code":
            parts.append(cell.source)
            continue
        parts.append(f"```python\n{cell.source}\n```")
        for output in cell.outputs:
            data = output.get("data", {})
            if "text/html" in data:
                html = data["text/html"]
                # One style is enough for the page, and it is the same in each.
                parts.append(_block(_STYLE.sub("", html) if styled or 'class="cb"' not in html else html))
                styled = styled or 'class="cb"' in html
            elif "text/plain" in data:
                parts.append(f"```text\n{data['text/plain']}\n```")
            elif output.output_type == "stream":
                parts.append(f"```text\n{output.text.rstrip()}\n```")
    note = f"The notebook itself: [{NOTEBOOK.name}]({NOTEBOOK.name}). What its cells show is from a run of it."
    return "\n\n".join([parts[0], note, *parts[1:]]) + "\n"


def _block(html: str) -> str:
    """As Markdown takes it for one block: no line of it is empty."""
    return "\n".join(line for line in html.splitlines() if line.strip())


def masked(text: str) -> str:
    """The same without what changes from run to run, and without the style, which stands elsewhere."""
    return _CHANGING.sub("#", _STYLE.sub("", text))


if __name__ == "__main__":
    PAGE.write_text(page(run()), encoding="utf-8")
