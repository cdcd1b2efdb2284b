r"""hosts.txt: text in, hosts out. One host a line; every error of the file at once. Opens no files, asks no resolver.

```
line        = [destination *(blank key "=" value)] ["#" comment]
destination = [user "@"] host [":" port] | "[" IPv6 "]" [":" port] | IPv6      with ranges, see ranges
key         = "node" | "role" | "ip" | "identity" | "jump"
value       = word | '"' text '"'                                               with \" and \\ inside the quotes
```
"""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import Any

from calico_bgp.errors import InventoryError
from calico_bgp.model.inventory import Host, Role
from calico_bgp.model.peer import Address
from calico_bgp.parse.destination import NAME, Destination, DestinationError, parse_destination, split_user
from calico_bgp.parse.hosts.duplicates import DuplicateCheck
from calico_bgp.parse.hosts.headings import is_heading
from calico_bgp.parse.hosts.ranges import RangeError, expand, has_range, split_commas
from calico_bgp.parse.lines import Problems, did_you_mean, split_lines, without_secrets

__all__ = ["KEYS", "MAX_HOSTS", "parse_hosts"]

KEYS = ("node", "role", "ip", "identity", "jump")
#: More than any cluster has; several absurd ranges in one file must not eat the memory.
MAX_HOSTS = 100_000

# Words that people bring along from elsewhere, and what hosts.txt says instead.
_NOT_HERE = "no password in a file; --ask-pass asks for it"
_ELSEWHERE = {
    "user": "user@host", "ansible_user": "user@host", "login": "user@host",
    "port": "host:port", "ansible_port": "host:port",
    "key": "identity=FILE", "identityfile": "identity=FILE", "ansible_ssh_private_key_file": "identity=FILE",
    "proxyjump": "jump=HOST", "name": "node=NAME", "nodename": "node=NAME",
    "ansible_host": "the address itself as host, and node=NAME",
    "password": _NOT_HERE, "ansible_password": _NOT_HERE, "ansible_ssh_pass": _NOT_HERE,
}  # fmt: skip
_LINE = "one host a line: [user@]host[:port] [key=value ...]"
_MAX_LINE = 10_000
_WORD = re.compile(r'(?:[^\s"]|"(?:[^"\\]|\\.)*")+')
# The quotes of a word of `_WORD`, so each has its partner.
_QUOTED = re.compile(r'"((?:[^"\\]|\\.?)*+)"?', re.DOTALL)


def parse_hosts(text: str, *, source: str = "hosts.txt") -> tuple[Host, ...]:
    """Read an inventory.

    Args:
        text: The file. A BOM, CR LF and tabs do no harm.
        source: Its name, for the errors and for `Host.source`.

    Returns:
        The hosts in the order of the file, ranges unfolded.

    Raises:
        InventoryError: Its `problems` hold every error of the file, each with its line; a file without hosts is one.
    """
    problems = Problems(source)
    duplicates = DuplicateCheck(problems)
    hosts: list[Host] = []
    if "\0" in text:
        problems.add("this is not a text file", None, None, _LINE)
        raise InventoryError(tuple(problems.found))
    for number, line in enumerate(split_lines(text), start=1):
        if not (line := line.strip()) or line.startswith("#"):
            continue
        if len(line) > _MAX_LINE:
            problems.add("the line is too long", number, line, f"at most {_MAX_LINE:,} characters in a line")
            continue
        line_without_secrets = without_secrets(line)
        hosts_of_line = _Line(line, number, line_without_secrets, problems).hosts()
        if len(hosts) + len(hosts_of_line) > MAX_HOSTS:
            problems.add("too many hosts", number, line_without_secrets, f"at most {MAX_HOSTS:,} hosts in a file")
        duplicates.add(hosts_of_line, number, line_without_secrets)
        hosts += hosts_of_line
        if problems.full or len(hosts) > MAX_HOSTS:
            break
    if not hosts and not problems.found:
        problems.add("no host in this file", None, None, _LINE)
    if problems.found or is_heading(hosts[0].name):
        _refuse_foreign(text, source)
    if problems.found:
        raise InventoryError(tuple(problems.found))
    return tuple(hosts)


def _refuse_foreign(text: str, source: str) -> None:
    """Another program's inventory is one error, not one for each of its lines.

    Raises:
        InventoryError: It is one.
    """
    from calico_bgp.parse.hosts.forms.table import not_a_hosts_txt  # noqa: PLC0415 - most files are a hosts.txt

    if (problem := not_a_hosts_txt(text, source)) is not None:
        raise InventoryError((problem,))


class _Line:
    """One line of the file on its way to hosts."""

    def __init__(self, text: str, number: int, shown: str, problems: Problems) -> None:
        self.text = text
        self.number = number
        self.shown = shown
        self.problems = problems

    def hosts(self) -> list[Host]:
        """The hosts of the line. What is wrong in it is noted and left out, so that one run shows every error."""
        first, *words = self._words() or [""]
        destinations = self._destinations(first) if first else []
        fields = self._fields(words)
        count = len(destinations) if destinations else None
        nodes = self._nodes(fields.get("node"), count)
        addresses = self._addresses(fields.get("ip"), count)
        role = self._role(fields.get("role"))
        jump = self._jump(fields.get("jump"))
        return [
            Host(
                name=destination.name,
                user=destination.user,
                port=destination.port,
                node=nodes[i] if nodes else None,
                role=role,
                addresses=addresses[i] if addresses else (),
                identity=fields.get("identity"),
                jump=jump,
                source=self.problems.source,
                line=self.number,
            )
            for i, destination in enumerate(destinations)
        ]

    def _wrong(self, message: str, expected: str | None = None) -> None:
        self.problems.add(message, self.number, self.shown, expected)

    def _words(self) -> list[str]:
        """The words before the comment. A `#` inside a word (a file name) begins no comment."""
        words = []
        position = 0
        while position < len(self.text):
            if self.text[position].isspace():
                position += 1
            elif self.text[position] == "#":
                break
            elif match := _WORD.match(self.text, position):
                words.append(match[0])
                position = match.end()
                if self.text[position : position + 1] == '"':
                    words.pop()
            else:
                self._wrong("the closing quote is missing")
                break
        return words

    def _destinations(self, word: str) -> list[Destination]:
        key, equals, _ = word.partition("=")
        if equals and key in KEYS:
            self._wrong("the host is missing", _LINE)
            return []
        if word.startswith(("//", ";", "--")):
            self._wrong("this is no host", "a comment begins with #")
            return []
        try:
            user, names = split_user(word)
            # expand() bounds the number before it makes the names.
            destinations = [parse_destination(name) for name in expand(names)]
        except RangeError as error:
            expected = error.expected
            if re.fullmatch(r"\[[A-Za-z_][\w-]*\]", word):
                expected = "hosts without groups; a reflector has role=reflector in its line"
            self._wrong(error.message, expected)
            return []
        except DestinationError as error:
            self._wrong(error.message, error.expected)
            return []
        return [destination._replace(user=user) for destination in destinations]

    def _fields(self, words: list[str]) -> dict[str, str]:
        fields: dict[str, str] = {}
        for word in words:
            key, equals, value = word.partition("=")
            value = _QUOTED.sub(lambda match: re.sub(r"\\(.)", r"\1", match[1]), value)
            if not equals:
                hint = "key=value words behind the host, and one host a line"
                # Half of a password that is hidden in the line must not stand beside it.
                what = repr(word) if word in self.shown else "a word"
                self._wrong(f"{what} is no key=value", hint)
            elif key not in KEYS:
                near = did_you_mean(key, KEYS)
                expected = _ELSEWHERE.get(key.lower())
                self._wrong(
                    f"unknown key {key!r}{'' if expected else near}",
                    expected or "one of " + ", ".join(f"{k}=" for k in KEYS),
                )
            elif key in fields:
                self._wrong(f"{key}= stands twice in this line", "each key once; several addresses as ip=A,B")
            elif not value:
                self._wrong(f"{key}= has no value")
            elif not all(character.isprintable() for character in value):
                self._wrong(f"{key}= holds a control character")
            else:
                fields[key] = value
        return fields

    def _unfold(self, key: str, value: str, count: int | None) -> list[str] | None:
        """One text per host of the line: a range beside a range of the same length, one text beside one host."""
        try:
            texts = expand(value)
        except RangeError as error:
            self._wrong(f"{key}=: {error.message}", error.expected)
            return None
        if count is None or len(texts) == count:
            return texts
        if has_range(value):
            self._wrong(f"{key}={value} stands for {len(texts):,}, the host for {count:,}", "ranges of the same length")
        else:
            self._wrong(
                f"one {key}= for {count:,} hosts", f"a range of the same length in {key}=, or a line for each host"
            )
        return None

    def _nodes(self, value: str | None, count: int | None) -> list[str] | None:
        nodes = None if value is None else self._unfold("node", value, count)
        for node in nodes or ():
            if not NAME.fullmatch(node):
                self._wrong(f"node={node} is not a node name", "the name that `kubectl get nodes` shows")
                return None
        return nodes

    def _addresses(self, value: str | None, count: int | None) -> list[tuple[Address, ...]] | None:
        if value is None:
            return None
        columns = []
        for text in split_commas(value):
            texts = self._unfold("ip", text.strip(), count)
            columns.append(None if texts is None else [self._address(text) for text in texts])
        rows = zip(*(column for column in columns if column is not None), strict=count is not None)
        return [tuple(address for address in row if address is not None) for row in rows]

    def _address(self, text: str) -> Address | None:
        expected = "IPv4 or IPv6 addresses, separated by commas"
        try:
            address = ip_address(text)
        except ValueError:
            if "/" in text:
                expected = "the address alone, without the prefix length"
            self._wrong(f"{text!r} is not an address" if text else "an address is missing in ip=", expected)
            return None
        if address.is_unspecified or address.is_multicast or getattr(address, "scope_id", None):
            self._wrong(f"{text} cannot be a node's BGP address", expected)
            return None
        return address

    def _role(self, value: str | None) -> Role | None:
        if value is None:
            return None
        try:
            return Role(value)
        except ValueError:
            aliases: dict[str, str] = {"rr": "reflector", "route-reflector": "reflector", "worker": "client"}
            meant: Any = aliases.get(value.lower())
            near = f", did you mean {meant}?" if meant else did_you_mean(value, [role.value for role in Role])
            self._wrong(f"unknown role {value!r}{near}", "role=reflector or role=client")
            return None

    def _jump(self, value: str | None) -> str | None:
        """`jump=` as ssh's ProxyJump has it: `none`, or destinations separated by commas."""
        if value is None or value == "none":
            return value
        for hop in value.split(","):
            try:
                parse_destination(hop)
            except DestinationError as error:
                self._wrong(f"jump=: {error.message}", error.expected)
                return None
        return value
