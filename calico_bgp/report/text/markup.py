"""Trees of elements instead of strings of markup: the standard library's serialiser escapes every text, once.

HTML and SVG are made by `element` alone, so that no text of a node can be taken for markup. No layout in this file.
"""

from __future__ import annotations

from typing import Literal, TypeAlias
from xml.etree.ElementTree import Element, tostring

from calico_bgp.report.text.sanitize import plain

#: What may stand in an element: another one, a text, or nothing.
Content: TypeAlias = Element | str | None
#: None leaves an attribute out; True writes it without a value that matters (`open`).
Attribute: TypeAlias = str | int | float | bool | None


def element(tag: str, *content: Content, **attributes: Attribute) -> Element:
    """An element with its content in order.

    Every text is made plain (`sanitize.plain`, without a limit), so that nothing unseen gets into a document.

    Args:
        tag: Its name.
        content: Texts and elements; None is left out, so that a part may be missing without an `if` around it.
        attributes: By name; `class_` and `for_` for words that Python keeps, `_` elsewhere for `-` (`stroke_width`).
            `viewBox` stays as it is written. A float is written with one decimal at most.
    """
    parent = Element(tag, {_name(name): _value(value) for name, value in attributes.items() if _is_given(value)})
    last_child: Element | None = None
    for part in content:
        if part is None:
            continue
        if isinstance(part, str):
            text = plain(part, limit=None)
            if last_child is None:
                parent.text = (parent.text or "") + text
            else:
                last_child.tail = (last_child.tail or "") + text
        else:
            parent.append(part)
            last_child = part
    return parent


def raw_text(tag: str, text: str, **attributes: Attribute) -> Element:
    """An element whose text is ours and stays as it is, line by line: `style`, `script`, `pre`."""
    parent = element(tag, **attributes)
    parent.text = text
    return parent


def written(outermost: Element, method: Literal["xml", "html"] = "xml") -> str:
    """The element as a document has it.

    Args:
        outermost: The outermost element.
        method: `html` for a page: `<br>` has no end, every other element has one; `xml` for a picture of its own.
    """
    return tostring(outermost, encoding="unicode", method=method)


def number(value: float) -> str:
    """A length with one decimal at most: a picture has thousands of them."""
    return f"{value:.1f}".removesuffix(".0")


def _name(name: str) -> str:
    return name.rstrip("_").replace("_", "-")


def _is_given(value: Attribute) -> bool:
    return value is not None and value is not False


def _value(value: Attribute) -> str:
    if isinstance(value, bool):
        return ""
    if isinstance(value, float):
        return number(value)
    return plain(str(value), limit=None)
