"""The colours of pictures, light and dark, as a style sheet. Every state has a shape and words besides.

No variables of CSS: programs for slides do not know them. The palette is that of Okabe and Ito, which people see apart
who do not see all colours, darkened until text on it has a contrast of 4.5 (WCAG 2.2, 1.4.3).
"""

from __future__ import annotations

from typing import NamedTuple


class Colours(NamedTuple):
    """One palette."""

    page: str
    box: str
    middle: str
    frame: str
    text: str
    dim: str
    chip: str
    up: str
    up_line: str
    part: str
    part_fill: str
    down: str
    down_fill: str
    unknown: str
    on_badge: str


LIGHT = Colours(
    page="#ffffff",
    box="#f4f6f8",
    middle="#e8f1f8",
    frame="#c5ced8",
    text="#17202a",
    dim="#55606e",
    chip="#ffffff",
    up="#00664a",
    up_line="#6f93ab",
    part="#8a5a00",
    part_fill="#fff1d0",
    down="#b3261e",
    down_fill="#fde4e1",
    unknown="#5b6470",
    on_badge="#ffffff",
)
DARK = Colours(
    page="#12171d",
    box="#1b222b",
    middle="#172a3a",
    frame="#3a4653",
    text="#e8edf2",
    dim="#a5b0bc",
    chip="#242d38",
    up="#4fd1a5",
    up_line="#6b8ba3",
    part="#f2b84b",
    part_fill="#42330f",
    down="#ff8a80",
    down_fill="#4d1f1c",
    unknown="#a5b0bc",
    on_badge="#12171d",
)

_RULES = """\
.cbp{{font-family:system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif;font-size:13px}}
.cbp text{{fill:{text}}}
.cbp .page{{fill:{page}}}
.cbp .dim{{fill:{dim};font-size:12px}}
.cbp .head{{font-size:18px;font-weight:600}}
.cbp .verdict{{font-size:18px;font-weight:700}}
.cbp .healthy{{fill:{up}}}
.cbp .warnings,.cbp .unknown-word{{fill:{part}}}
.cbp .unhealthy{{fill:{down}}}
.cbp .box{{fill:{box};stroke:{frame}}}
.cbp .middle{{fill:{middle};stroke:{frame}}}
.cbp .title{{font-weight:600}}
.cbp .chip{{fill:{chip};stroke:{frame}}}
.cbp .chip.up{{stroke:{up}}}
.cbp .chip.part{{stroke:{part}}}
.cbp .chip.affected{{stroke:{unknown}}}
.cbp .chip.part.named{{fill:{part_fill};stroke-width:2}}
.cbp .chip.down{{fill:{down_fill};stroke:{down};stroke-width:2}}
.cbp .chip.unknown{{stroke:{unknown};stroke-dasharray:4 3}}
.cbp .mark.up{{fill:{up}}}
.cbp .mark.part{{fill:{part}}}
.cbp .mark.affected{{fill:none;stroke:{part};stroke-width:1.4}}
.cbp .mark.down{{fill:none;stroke:{down};stroke-width:2.5;stroke-linecap:round}}
.cbp .mark.unknown{{fill:{unknown};font-weight:700}}
.cbp .mark.idle{{fill:none;stroke:{unknown}}}
.cbp .line{{fill:none;stroke-linecap:round}}
.cbp .line.up{{stroke:{up_line}}}
.cbp .line.faint{{stroke-opacity:.55}}
.cbp .line.down{{stroke:{down};stroke-dasharray:7 5}}
.cbp .line.recovering{{stroke:{part};stroke-dasharray:2 4}}
.cbp .line.unknown{{stroke:{unknown};stroke-dasharray:1 5}}
.cbp .dot{{fill:{page};stroke:{frame}}}
.cbp .dot.down{{stroke:{down}}}
.cbp .dot.recovering{{stroke:{part}}}
.cbp .pill{{fill:{page};stroke:{frame}}}
.cbp .pill.down{{fill:{down_fill};stroke:{down}}}
.cbp text.down{{fill:{down}}}
.cbp text.part,.cbp text.recovering{{fill:{part}}}
.cbp .badge{{fill:{down}}}
.cbp .badge-number{{fill:{on_badge};font-size:11px;font-weight:700}}
.cbp .cell.up{{fill:{up_line}}}
.cbp .cell.idle{{fill:none;stroke:{frame}}}
.cbp .cell.unknown{{fill:none;stroke:{unknown};stroke-dasharray:2 1}}
.cbp .cell.affected{{fill:{up_line};fill-opacity:.45;stroke:{up_line}}}
.cbp .cell.part{{fill:{part_fill};stroke:{part}}}
.cbp .cell.part.named{{fill:{part}}}
.cbp .cell.down{{fill:none;stroke:{down};stroke-width:2.6}}
.cbp .square{{fill:{box};stroke:{frame}}}
.cbp .square.part{{fill:{part_fill};stroke:{part}}}
.cbp .square.down{{fill:{down_fill};stroke:{down}}}
"""


def picture_css() -> str:
    """The rules for both palettes; on paper the light one."""
    light, dark = _RULES.format_map(LIGHT._asdict()), _RULES.format_map(DARK._asdict())
    # What has no colour is the same.
    dark_lines = "".join(
        dark_line + "\n"
        for dark_line, light_line in zip(dark.splitlines(), light.splitlines(), strict=True)
        if dark_line != light_line
    )
    return f"{light}@media screen and (prefers-color-scheme:dark){{\n{dark_lines}}}\n"
