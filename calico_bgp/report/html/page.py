"""A page around a report's sections: head, style, script, and a policy that lets nothing else be loaded or run.

The policy (Content Security Policy Level 3, `meta`) names style and script by their hashes: whatever a node printed, no
browser runs it, loads something for it or sends something because of it, even if a text of it were taken for markup.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from xml.etree.ElementTree import Element

from calico_bgp.report.picture.style import picture_css
from calico_bgp.report.text.markup import Content, element, raw_text, written


def page(title: str, head: Iterable[Content], sections: Iterable[Content]) -> str:
    """A whole document.

    Args:
        title: Of the window and of the file.
        head: What stands in the page's header: the verdict.
        sections: All else, in order.
    """
    style, script = f"{style_css()}{picture_css()}", _file("script.js")
    policy = (
        f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}; base-uri 'none'; form-action 'none'"
    )
    document = element(
        "html",
        element(
            "head",
            element("meta", charset="utf-8"),
            element("meta", http_equiv="Content-Security-Policy", content=policy),
            element("meta", name="viewport", content="width=device-width, initial-scale=1"),
            element("meta", name="color-scheme", content="light dark"),
            element("meta", name="referrer", content="no-referrer"),
            element("meta", name="generator", content="calico_bgp"),
            element("title", title),
            raw_text("style", style),
        ),
        element(
            "body",
            element("header", *head),
            element("main", *sections),
            element("footer", element("p", "Written by calico_bgp. This file loads nothing.", class_="dim")),
            raw_text("script", script),
            class_="cb page",
        ),
        lang="en",
    )
    return f"<!DOCTYPE html>\n{written(document, 'html')}\n"


def fragment(sections: Iterable[Content]) -> str:
    """Sections for a notebook: the style is inside, and nothing runs."""
    return written(element("div", raw_text("style", style_css()), *sections, class_="cb"), "html")


@cache
def style_css() -> str:
    """The rules of pages and notebooks, without those of pictures."""
    return _file("style.css")


def _file(name: str) -> str:
    return files("calico_bgp.report.html").joinpath(name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def section(title: str, *content: Content) -> Element:
    """A part of the page under a heading."""
    return element("section", element("h2", title), *content)
