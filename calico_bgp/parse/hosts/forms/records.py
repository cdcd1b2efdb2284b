"""One host out of a record: a row of a table, a member of a list, the variables of a host.

Knows the names that programs and people give to columns, and no form.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from calico_bgp.model.inventory import Host, Role
from calico_bgp.model.peer import Address
from calico_bgp.parse.addresses import read_address
from calico_bgp.parse.destination import NAME, DestinationError, parse_destination, split_user
from calico_bgp.parse.hosts.forms.form import Entry, LeftOut, Listed
from calico_bgp.parse.lines import Problems
from calico_bgp.parse.status.nodes_without_bird import why_without_bird

# Names as `folded` makes them; the first that the record has counts.
ADDRESSES = (
    "ansiblehost", "ansiblesshhost", "sshhost", "sshaddress", "address", "ip", "ipaddress", "ipaddr", "ipv4",
    "ipv4address", "internalip", "internalipaddress", "privateip", "privateipaddress", "privateipv4", "primaryip",
    "primaryipaddress", "networkip", "mainip", "accessip", "nodeip", "hostip", "externalip", "publicip",
    "publicipaddress", "internaladdress", "ipv6", "ipv6address",
)  # fmt: skip
_EXTERNAL = ("externalip", "publicip", "publicipaddress", "publicipv4")
NAMES = (
    "node", "nodename", "nodehostname", "hostnameoverride", "name", "hostname", "host", "instancename", "vmname",
    "servername", "machinename", "machine", "server", "vm", "instance", "fqdn", "dnsname", "privatednsname",
)  # fmt: skip
_USERS = ("ansibleuser", "ansiblesshuser", "sshuser", "remoteuser", "user", "username", "login")
_PORTS = ("ansibleport", "ansiblesshport", "sshport", "port")
_KEYS = (
    "ansiblesshprivatekeyfile",
    "ansibleprivatekeyfile",
    "identityfile",
    "sshkeypath",
    "keypath",
    "keyfile",
    "identity",
)
_JUMPS = ("proxyjump", "jump", "jumphost", "bastion", "bastionhost")
_ARGUMENTS = ("ansiblesshcommonargs", "ansiblesshextraargs", "ansiblesshargs")
_ROLES = ("role", "roles", "noderole", "group")
_ZONES = ("zone", "availabilityzone", "az", "failuredomain", "rack", "datacenter", "region", "location")
_SYSTEMS = ("os", "osimage", "operatingsystem", "platform", "system", "image")
_BGP = ("bgpip", "bgpaddress", "bgpipv4", "calicoip")
# What a record may keep its fields in.
_INSIDE = frozenset({"ssh", "openssh", "placement", "networkinterfaces", "connection"})
_REFLECTORS = frozenset({"reflector", "rr", "routereflector", "calicorr"})
#: OpenStack's `private=10.0.0.1, 203.0.113.7`.
_NETWORK = re.compile(r"[\w.-]{1,200}=(?P<address>[0-9A-Fa-f.:]+)")
_TEMPLATE = re.compile(r"\{\{|\{%|\$\{")
_PROXY = re.compile(
    r"(?:ProxyJump[= ]|-J ?)['\"]?(?P<jump>[^\s'\"]+)|ProxyCommand=['\"\\]*ssh\s+(?P<command>[^'\"\\]+)", re.IGNORECASE
)


def folded(key: str) -> str:
    """A column's name as it is compared: `Internal-IP` and `internal_ip` are one."""
    return re.sub(r"[^a-z0-9]", "", key.lower())


def flat(record: Mapping[str, Any]) -> dict[str, str]:
    """A record with folded keys and texts for values: what stands within `ssh:` and the like at its place."""
    fields: dict[str, str] = {}
    inner: list[Mapping[str, Any]] = []
    for key, value in record.items():
        name = folded(str(key))
        if isinstance(value, list) and value and isinstance(value[0], dict) and name in _INSIDE:
            inner.append(value[0])
        elif isinstance(value, dict) and name in _INSIDE:
            inner.append(value)
        elif isinstance(value, list) and all(isinstance(nested, str | int) for nested in value):
            fields.setdefault(name, ",".join(map(str, value)))
        elif isinstance(value, str | int) and not isinstance(value, bool):
            fields.setdefault(name, str(value).strip())
    for nested in inner:
        for name, text in flat(nested).items():
            fields.setdefault(name, text)
    return {name: text for name, text in fields.items() if text and text.lower() not in ("<none>", "none", "null", "-")}


def is_host(record: Mapping[str, str]) -> bool:
    """Whether a flat record says whom to reach."""
    return _address(record) is not None or any(record.get(key) for key in NAMES)


def has_address(record: Mapping[str, str]) -> bool:
    """Whether a flat record holds an address where one is expected."""
    return _address(record) is not None


def entry(
    record: Mapping[str, str],
    problems: Problems,
    *,
    name: str | None = None,
    line: int | None = None,
    remarks: Iterable[str] = (),
    role: Role | None = None,
    external: bool = False,
) -> Entry | None:
    """The host of a flat record; None when something is wrong with it, which is noted.

    Args:
        record: From `flat`.
        problems: Where to note what is wrong.
        name: Its name where the record does not hold it, such as a key of a mapping.
        line: Where it stands.
        remarks: What else is to stand in the comment.
        role: Where the source says it.
        external: Whether to reach it by its external address.
    """
    name = name or _name(record)
    name_and_line = (name or "a host", line)
    system = next((record[key] for key in _SYSTEMS if key in record), "")
    why = why_without_bird(name or "", system=system)
    if why is not None:
        return LeftOut(name or record.get("address", "a host"), why)
    target = _first(record, _EXTERNAL) if external else _address(record) or _raw_address(record) or name
    if target is None:
        problems.add(f"{name_and_line[0]} has no {'external ' if external else ''}address", line)
        return None
    try:
        host = _host(record, target, name)
    except DestinationError as error:
        problems.add(f"{name_and_line[0]}: {error.message}", line, None, _expected(error.message, error.expected))
        return None
    reflects = role is Role.REFLECTOR or bool(_REFLECTORS & set(map(folded, re.split(r"[,;\s|]+", _roles(record)))))
    if reflects:
        host = _with_role(host)
    zone = _first(record, _ZONES)
    words = [
        *remarks,
        *([_roles(record)] if _roles(record) and not reflects else []),
        *([f"zone {zone}"] if zone else []),
    ]
    return Listed(host, ", ".join(dict.fromkeys(words)) or None)


def _expected(message: str, expected: str) -> str:
    return "a value, not a template: render it first" if _TEMPLATE.search(message) else expected


def _host(record: Mapping[str, str], target: str, name: str | None) -> Host:
    user, address = split_user(target)
    destination = parse_destination(
        f"[{address}]" if address.count(":") > 1 and not address.startswith("[") else address
    )
    user = _first(record, _USERS) or user
    if user is not None:
        split_user(f"{user}@")
    port = _first(record, _PORTS)
    if port is not None:
        destination = destination._replace(port=parse_destination(f"x:{port}").port)
    jump = jump_of(record)
    return Host(
        name=destination.name,
        user=user,
        port=destination.port if destination.port != 22 else None,
        node=name if name is not None and name != destination.name and NAME.fullmatch(name) else None,
        addresses=_bgp_addresses(record),
        identity=_first(record, _KEYS),
        jump=jump,
    )


def jump_of(record: Mapping[str, str]) -> str | None:
    """The jump host, from a field of its own or out of ssh's arguments; None where there is none that we can say."""
    jump = _first(record, _JUMPS)
    for key in _ARGUMENTS:
        if jump is None and (match := _PROXY.search(record.get(key, ""))):
            jump = match["jump"] or _of_command(match["command"])
    if jump is None or jump == "none":
        return jump
    for hop in jump.split(","):
        parse_destination(hop)
    return jump


def _of_command(command: str) -> str | None:
    """The destination of `ssh -W %h:%p -q user@bastion`: the word that is no option and no option's value."""
    words = command.split()
    skip, port, user = False, None, None
    for index, word in enumerate(words):
        if skip:
            skip = False
        elif word.startswith("-"):
            skip = word in ("-W", "-i", "-o", "-p", "-l", "-F", "-S", "-c", "-m")
            port = words[index + 1] if word == "-p" and index + 1 < len(words) else port
            user = words[index + 1] if word == "-l" and index + 1 < len(words) else user
        else:
            return (f"{user}@" if user and "@" not in word else "") + word + (f":{port}" if port else "")
    return None


def _with_role(host: Host) -> Host:
    return Host(host.name, host.user, host.port, host.node, Role.REFLECTOR, host.addresses, host.identity, host.jump)


def _first(record: Mapping[str, str], keys: Iterable[str]) -> str | None:
    return next((record[key] for key in keys if record.get(key)), None)


def _roles(record: Mapping[str, str]) -> str:
    return _first(record, _ROLES) or ""


def _name(record: Mapping[str, str]) -> str | None:
    return next((record[key] for key in NAMES if record.get(key) and not is_address(record[key])), None)


def _address(record: Mapping[str, str]) -> str | None:
    """The first field that holds an address, of those that are for one; `host` and `hostname` may hold one too."""
    keys = (*ADDRESSES[:4], "host", *ADDRESSES[4:], "hostname", "server")
    found = next((record[key] for key in keys if key in record and is_address(record[key])), None)
    if found is None and (network := _NETWORK.match(record.get("networks", record.get("addresses", "")))) is not None:
        return network["address"] if is_address(network["address"]) else None
    return found


def _raw_address(record: Mapping[str, str]) -> str | None:
    """What stands where an address should be, such as a DNS name."""
    return _first(record, ADDRESSES[:5])


def is_address(text: str) -> bool:
    """Whether a text is an IP address, perhaps with a user before it or a port behind it."""
    address = text.rpartition("@")[2]
    return read_address(address.partition(":")[0] if address.count(":") == 1 else address.strip("[]")) is not None


def _bgp_addresses(record: Mapping[str, str]) -> tuple[Address, ...]:
    """The BGP addresses, where the record says so: of its own field, or Kubespray's `ip` beside `ansible_host`."""
    text = _first(record, _BGP)
    if text is None and ("ansiblehost" in record or "ansiblesshhost" in record):
        text = record.get("ip")
    address = read_address((text or "").partition("/")[0])
    return () if address is None or address.is_unspecified or address.is_multicast else (address,)
