"""Says what a text is that holds no resources, or not as it stands. The forms in the order in which they are tried."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from calico_bgp.errors import ParseError
from calico_bgp.parse.lines import shown
from calico_bgp.parse.resources.forms import printed, script, template
from calico_bgp.parse.resources.forms.form import Form, Found
from calico_bgp.parse.resources.forms.other_yaml import RENDERED, by_keys, by_kinds, is_yaml
from calico_bgp.parse.resources.raw import Text

_MAX_DEPTH = 10
#: A script may hold templates, and a template anything.
FORMS: tuple[Form, ...] = (*printed.FORMS, *script.FORMS, *template.FORMS)
#: Kinds that hold no resource themselves.
UNJUDGED = frozenset(RENDERED)
#: What decides about BGP: a file with this in it is never passed over in silence.
_CONCERNS = re.compile(
    r"projectcalico\.org/v|\bkind[\"']?:\s*[\"']?(?:BGPPeer|BGPConfiguration|IPPool|Node(?:List)?[\"']?\s*,?\s*$)",
    re.IGNORECASE | re.MULTILINE,
)


def what_it_is(text: Text, documents: Sequence[Any], kinds: frozenset[str]) -> Found | None:
    """What a text is in which something was wrong, or nothing was found; None where nobody knows.

    Args:
        text: The text, with what is wrong.
        documents: Its documents, as far as they could be read, that are no Kubernetes objects.
        kinds: The kinds of those that are.
    """
    if (form_found := by_kinds(kinds)) is not None and not documents:
        return form_found
    form_found = next((form_found for form in FORMS if (form_found := form.find(text)) is not None), None)
    if form_found is None and documents and not kinds and is_yaml(text):
        return by_keys(documents[0])
    return form_found


def as_problem(found: Found, text: Text) -> ParseError:
    """The one error of such a text."""
    lines = text.text.split("\n")
    line = lines[found.line - 1][:1_000] if found.line is not None and found.line <= len(lines) else None
    message = f"this is {found.called}, not Calico's resources"
    return ParseError(message, text.source, found.line, None if line is None else shown(line), found.instead)


def may_be_template(text: Text) -> bool:
    """Whether there is anything in a text that a template has, wherever it stands."""
    return template.MARKS.search(text.text) is not None


def is_unrendered(value: Any) -> bool:
    """Whether the name or the spec of a resource holds what a template would fill in."""
    metadata = value.get("metadata")
    name = metadata.get("name") if isinstance(metadata, dict) else None
    return _holds_a_mark(name, 0) or _holds_a_mark(value.get("spec"), 0)


def _holds_a_mark(value: Any, depth: int) -> bool:
    if isinstance(value, str):
        return template.UNRENDERED.search(value) is not None
    if depth > _MAX_DEPTH:
        return False
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return any(_holds_a_mark(one, depth + 1) for one in inner)


def concerns_bgp(text: Text) -> bool:
    """Whether a text seems to hold something that decides about BGP."""
    return _CONCERNS.search(text.text) is not None
