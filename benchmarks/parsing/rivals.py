"""Other ways to read a status table: textfsm with pydantic, ntc-templates' clitable, ttp, a bare regular expression."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from io import StringIO
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path
from typing import Any

from ntc_templates.parse import parse_output
from pydantic import BaseModel, ConfigDict
from textfsm import TextFSM
from ttp import ttp

from calico_bgp.model.peer import Family, PeerType

#: As the textfsm community writes it: the family filled down, wrapped INFO a list, the record closed by the next row.
TEMPLATE = r"""Value Filldown FAMILY ([46])
Value Required ADDRESS (\S+)
Value PEER_TYPE (\S+(?: \S+)*)
Value STATE (\S+)
Value SINCE (\S+)
Value List INFO (\S+(?: \S+)*)

Start
  ^IPv\d BGP status -> Continue.Record
  ^IPv${FAMILY} BGP status
  ^\|\s*PEER ADDRESS
  ^\|\s*[^|\s] -> Continue.Record
  ^\|\s*${ADDRESS}\s*\|\s*${PEER_TYPE}\s*\|\s*${STATE}\s*\|\s*${SINCE}\s*\|\s*${INFO}\s*\|
  ^\|\s*\|\s*\|\s*\|\s*\|\s*${INFO}\s*\|
"""

TTP_TEMPLATE = r"""<group name="families*">
IPv{{ family }} BGP status
<group name="rows*">
| {{ address }} | {{ peer_type | ORPHRASE }} | {{ state }} | {{ since }} | {{ info | ORPHRASE }} |
</group>
</group>
"""

BARE = re.compile(
    r"^\|\s*(\S+)\s*\|\s*(\S+(?: \S+)*)\s*\|\s*(\S+)\s*\|\s*(\S+)\s*\|\s*(\S+(?: \S+)*)\s*\|$", re.MULTILINE
)

_FAMILIES = {"4": Family.IPV4, "6": Family.IPV6}


class Row(BaseModel):
    """A typed peer, as one would write it at first. It lacks our port, BGP state and error."""

    model_config = ConfigDict(frozen=True)

    family: Family
    address: IPv4Address | IPv6Address
    peer_type: PeerType
    state: str
    since: str
    info: str


def obvious(texts: Sequence[str]) -> Callable[[], list[list[Row]]]:
    """Stock textfsm → dicts → pydantic. The template is compiled once."""
    machine = TextFSM(StringIO(TEMPLATE))

    def run() -> list[list[Row]]:
        outputs = []
        for text in texts:
            machine.Reset()
            outputs.append([_row_from(each) for each in machine.ParseTextToDicts(text)])
        return outputs

    return run


def _row_from(each: dict[str, Any]) -> Row:
    return Row.model_validate(
        {
            "family": _FAMILIES[each["FAMILY"]],
            "address": each["ADDRESS"],
            "peer_type": each["PEER_TYPE"],
            "state": each["STATE"],
            "since": each["SINCE"],
            "info": " ".join(each["INFO"]),
        }
    )


def clitable(texts: Sequence[str], folder: Path) -> Callable[[], list[Any]]:
    """The same template through ntc-templates, which looks it up by platform and command. Dicts, no types."""
    (folder / "status.textfsm").write_text(TEMPLATE, encoding="utf-8")
    index = "Template, Hostname, Platform, Command\n\nstatus.textfsm, .*, calico, node status\n"
    (folder / "index").write_text(index, encoding="utf-8")

    def run() -> list[Any]:
        return [
            parse_output(platform="calico", command="node status", data=text, template_dir=str(folder))
            for text in texts
        ]

    return run


def with_ttp(texts: Sequence[str]) -> Callable[[], list[Any]]:
    """ttp, one parser for all outputs. Dicts, no types."""

    def run() -> list[Any]:
        parser = ttp(template=TTP_TEMPLATE)
        for text in texts:
            parser.add_input(text)
        parser.parse(one=True)
        return list(parser.result()[0])

    return run


def bare(texts: Sequence[str]) -> Callable[[], list[Any]]:
    """A regular expression over each text; the least that any way through regular expressions costs."""
    return lambda: [BARE.findall(text) for text in texts]
