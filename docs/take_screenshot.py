"""Takes docs/screenshots/report.webp, the page of `--format html` in a browser: `python docs/take_screenshot.py`.

It needs Chromium, and what that draws depends on its release and on the fonts that are installed; so `make generate`
leaves it alone. Take it anew after what a page shows has changed.
"""

from __future__ import annotations

import base64
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from make.pictures import outage

from calico_bgp.report.html.audit import audit_to_html
from tests.rig.programs.chromium import browser

SCREENSHOT = Path(__file__).parent / "screenshots" / "report.webp"
_WIDTH, _HEIGHT = 1000, 1180


def take() -> bytes:
    """The first screen of the page, with the first cause unfolded."""
    with tempfile.TemporaryDirectory() as folder, browser(Path(folder) / "profile") as tab:
        file = Path(folder) / "report.html"
        file.write_text(audit_to_html(*outage()), encoding="utf-8")
        tab.open(file, width=_WIDTH)
        tab.run("document.querySelector('tr.more details').open = true")
        clip = {"x": 0, "y": 0, "width": _WIDTH, "height": _HEIGHT, "scale": 1}
        taken = tab.call("Page.captureScreenshot", format="webp", quality=70, captureBeyondViewport=True, clip=clip)
        return base64.b64decode(taken["data"])


if __name__ == "__main__":
    SCREENSHOT.parent.mkdir(exist_ok=True)
    SCREENSHOT.write_bytes(take())
