"""What commands print for people: tables, describe, errors, a node's status. Which command prints it for programs."""

from __future__ import annotations

import re

from calico_bgp.parse.resources.forms.form import Form, Found, beginning
from calico_bgp.parse.resources.raw import Text

_HEADING = re.compile(r"[A-Z][A-Z0-9()-]*(?: [A-Z][A-Z0-9()-]*)*")
_FIRST = ("NAME", "NAMESPACE", "SCOPE", "CIDR")
#: A heading that only one kind's table has → the command, the more telling first.
_COMMANDS = (
    ("PEERIP", "calicoctl get bgpPeer -o yaml"),
    ("MESHENABLED", "calicoctl get bgpConfiguration -o yaml"),
    ("IPV4", "calicoctl get nodes -o yaml"),
    ("STATUS", "kubectl get nodes -o json"),
    ("CIDR", "calicoctl get ipPool -o yaml"),
)
_DESCRIBED = re.compile(r"(?P<key>Name|API Version|Kind|Namespace|Roles|Labels|Annotations):(?:\s.*)?")
_KIND = re.compile(r"Kind:\s+(?P<kind>[A-Za-z]+)")
_NAME = re.compile(r"Name:\s+(?P<name>[a-z0-9][a-z0-9.-]*)")
_STATUS = re.compile(r"\|\s*PEER ADDRESS\s*\||IPv[46] BGP status|Calico process is (?:not )?running", re.IGNORECASE)
_BIRD = re.compile(r"BIRD v?[\d.]++[^\n]{0,60}? ready\.|name\s+proto\s+table\s+state\s+since\s+info", re.IGNORECASE)
_ERROR = re.compile(
    r"(?:error:|Error from server\b|Unable to connect to the server\b|No resources found\b|"
    r"The connection to the server\b|"
    r"Failed to (?:get resources|create Calico API client)\b|bash: |sh: |-bash: |sudo: |command terminated\b)"
)
_HTML = re.compile(r"\s*<(?:!doctype|html|head|body|table|pre)\b", re.IGNORECASE)


def _table(text: Text) -> Found | None:
    for number, line in beginning(text):
        words = line.split()
        if len(words) > 1 and words[0] in _FIRST and _HEADING.fullmatch(" ".join(words)):
            command = next(
                (printer for heading, printer in _COMMANDS if heading in words), "the same command with -o yaml"
            )
            return Found("a table for people, which leaves out most fields", f"{command} | calico-bgp lint -", number)
    return None


def _describe(text: Text) -> Found | None:
    lines = beginning(text)
    keys = {match["key"] for _, line in lines[:40] if (match := _DESCRIBED.fullmatch(line)) is not None}
    if not ({"Name", "Kind", "API Version"} <= keys or {"Name", "Roles"} <= keys):
        return None
    kind = next((match["kind"] for _, line in lines[:40] if (match := _KIND.match(line)) is not None), "node").lower()
    name = next((match["name"] for _, line in lines if (match := _NAME.match(line)) is not None), "")
    return Found("what kubectl describe prints", f"kubectl get {kind} {name} -o yaml | calico-bgp lint -", lines[0][0])


def _status(text: Text) -> Found | None:
    for number, line in beginning(text):
        if _STATUS.search(line) or _BIRD.search(line):
            return Found("a node's BGP status, no resource", "calico-bgp audit --pasted FILE", number)
    return None


def _error(text: Text) -> Found | None:
    lines = beginning(text)
    if lines and _ERROR.match(lines[0][1]):
        return Found("an error of the command that should have printed resources", "its answer", lines[0][0])
    if lines and _HTML.match(lines[0][1]):
        return Found("a web page", "the text itself: the page's Raw view", lines[0][0])
    return None


FORMS = (
    Form("errors and web pages", _error),
    Form("tables", _table),
    Form("kubectl describe", _describe),
    Form("node status", _status),
)
