"""The forms of inventories, in the order in which they are tried, and an inventory of any form as hosts.

No form's own rules in this file.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import NamedTuple

from calico_bgp.errors import InventoryError, ParseError
from calico_bgp.model.inventory import Host
from calico_bgp.parse.hosts.forms.ansible.ini import INI
from calico_bgp.parse.hosts.forms.ansible.yaml import LIST, YAML
from calico_bgp.parse.hosts.forms.columns import COLUMNS
from calico_bgp.parse.hosts.forms.documents import DOCUMENT
from calico_bgp.parse.hosts.forms.etc_hosts import ETC_HOSTS
from calico_bgp.parse.hosts.forms.form import Entry, Foreign, Form, LeftOut, Listed, NodeAddress
from calico_bgp.parse.hosts.forms.known_hosts import KNOWN_HOSTS
from calico_bgp.parse.hosts.forms.kubectl_table import TABLE
from calico_bgp.parse.hosts.forms.kubernetes import KUBECONFIG, NODES, OTHER_KINDS
from calico_bgp.parse.hosts.forms.names import DESCRIBED, HEADED, IN_A_ROW, PREFIXED
from calico_bgp.parse.hosts.forms.ssh_config import CONFIG
from calico_bgp.parse.hosts.forms.unusable import HTML, OUTPUTS, PRIVATE_KEY, REFUSED, STATUS, TEMPLATE
from calico_bgp.parse.hosts.writer import format_host
from calico_bgp.parse.lines import Problems, shown
from calico_bgp.shell_words import quote

#: What has a mark of its own stands before what is recognised by its look alone.
FORMS: tuple[Form, ...] = (
    HTML, PRIVATE_KEY, REFUSED, STATUS, NODES, KUBECONFIG, LIST, YAML, DOCUMENT, OTHER_KINDS, DESCRIBED, TABLE,
    KNOWN_HOSTS, CONFIG, INI, OUTPUTS, ETC_HOSTS, PREFIXED, HEADED, COLUMNS, IN_A_ROW, TEMPLATE,
)  # fmt: skip


class Inventory(NamedTuple):
    """An inventory of another program.

    Attributes:
        form: Its form.
        entries: The hosts and what is left out, in order.
    """

    form: Form
    entries: tuple[Entry, ...]

    @property
    def hosts(self) -> tuple[Host, ...]:
        """The hosts alone."""
        return tuple(entry.host for entry in self.entries if isinstance(entry, Listed))

    def to_text(self) -> str:
        """As a hosts.txt, what is left out as comments."""
        lines = [f"# {note}" for note in self.form.notes]
        for entry in self.entries:
            if isinstance(entry, LeftOut):
                lines.append(f"# left out: {shown(entry.name)}: {shown(entry.reason)}")
            else:
                lines.append(format_host(entry.host) + (f"   # {shown(entry.remark)}" if entry.remark else ""))
        return "".join(line + "\n" for line in lines)


def _form_of(foreign: Foreign) -> Form | None:
    return next((form for form in FORMS if form.recognises(foreign)), None)


def read_inventory(
    text: str, *, source: str = "-", address: NodeAddress = NodeAddress.INTERNAL, user: str | None = None
) -> Inventory | None:
    """The hosts of an inventory of another program; None for a text of no form that is known, such as a hosts.txt.

    Args:
        text: The file.
        source: Its name, for the errors.
        address: Which address to reach a node by, where the form knows several.
        user: The login for all of them, over what the text says.

    Raises:
        InventoryError: Its `problems` hold every error: hosts that cannot be read, no host at all, or what the text is
            and what to do where it lists no hosts.
    """
    foreign = Foreign(text.removeprefix("\ufeff"), source, address)
    form = _form_of(foreign)
    if form is None:
        return None
    if form.read is None:
        raise InventoryError(
            (ParseError(f"this is {form.called}, it lists no hosts", source, None, None, form.instead),)
        )
    problems = Problems(source)
    entries = tuple(_with_user(form.read(foreign, problems), user))
    if not problems.found and not any(isinstance(entry, Listed) for entry in entries):
        left_out = "; ".join(f"{entry.name}: {entry.reason}" for entry in entries[:3] if isinstance(entry, LeftOut))
        problems.add(f"this is {form.called}, with no node to log in to" + (f" ({left_out})" if left_out else ""))
    if problems.found:
        raise InventoryError(tuple(problems.found))
    return Inventory(form, entries)


def _with_user(entries: Iterable[Entry], user: str | None) -> Iterable[Entry]:
    for entry in entries:
        if isinstance(entry, Listed) and user is not None:
            yield replace(entry, host=replace(entry.host, user=user))
        else:
            yield entry


def not_a_hosts_txt(text: str, source: str) -> ParseError | None:
    """What a text is that was given for a hosts.txt, and the command that makes one of it; None where nobody knows."""
    foreign = Foreign(text.removeprefix("\ufeff"), source)
    form = _form_of(foreign)
    if form is None:
        return None
    name = "-" if source == "-" else quote(source)
    # A shell empties the file behind `>` before the command reads it.
    target = "nodes.txt" if source.endswith("hosts.txt") else "hosts.txt"
    expected = form.instead or f"a hosts.txt, one host a line; make it with: calico-bgp hosts {name} > {target}"
    message = f"this is {form.called}, not a hosts.txt"
    if not form.shows_itself:
        return ParseError(message, source, None, None, expected)
    line = next((number for number, line in enumerate(foreign.lines, 1) if line.strip() == foreign.first), None)
    return ParseError(message, source, line, shown(foreign.first), expected)
