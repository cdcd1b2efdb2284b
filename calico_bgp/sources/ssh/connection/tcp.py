"""Names to addresses to connected sockets, each with a deadline. No SSH here."""

from __future__ import annotations

import errno
import queue
import socket
import threading
from typing import Any, NamedTuple

from calico_bgp.errors import GatherTimeout, HostUnreachable
from calico_bgp.model.peer import Address
from calico_bgp.model.reading import Silent
from calico_bgp.parse.addresses import read_address
from calico_bgp.sources.attempt import Attempt


class Unresolvable(HostUnreachable):
    """The name has no address."""

    stage = "resolve"


class TryAgain(HostUnreachable):
    """Refused or reset: another try may do, when the host is starting or is overrun."""


class Target(NamedTuple):
    """One address to dial, as getaddrinfo gives it."""

    family: int
    sockaddr: tuple[Any, ...]


def resolve(name: str, port: int, attempt: Attempt, seconds: float) -> list[Target]:
    """The addresses of a name, in the order of the resolver (RFC 6724).

    Raises:
        Unresolvable: It has none.
        GatherTimeout: The resolver did not answer in time.
    """
    address = read_address(name.partition("%")[0])
    if address is not None:
        if address.version == 4:
            return [Target(socket.AF_INET, (name, port))]
        return _getaddrinfo(name, port, socket.AI_NUMERICHOST)
    attempt.step(f"looking up {name}", seconds, only_waits=True)
    answers: queue.SimpleQueue[list[Target] | Exception] = queue.SimpleQueue()

    def look_up() -> None:
        try:
            answers.put(_getaddrinfo(name, port, 0))
        except (OSError, UnicodeError) as error:
            answers.put(error)

    # The resolver has its own ideas of patience and cannot be told ours.
    try:
        threading.Thread(target=look_up, name=f"resolve {name}", daemon=True).start()
    except RuntimeError as error:
        raise TryAgain(f"this machine starts no more threads: {error}", "try fewer --workers") from error
    try:
        answer = answers.get(timeout=attempt.seconds_left())
    except queue.Empty:
        raise GatherTimeout(f"no name server answered for {name}", "is DNS reachable from here?") from None
    if isinstance(answer, Exception):
        reason = getattr(answer, "strerror", None) or str(answer)
        raise Unresolvable(
            f"the name {name} has no address: {reason}", "write the address in hosts.txt, or HostName in ~/.ssh/config"
        ) from answer
    return answer


def dial(targets: list[Target], name: str, attempt: Attempt, seconds: float) -> socket.socket:
    """A socket connected to the first address that answers; the time is shared among those still to be tried.

    Raises:
        TryAgain: The last one refused or reset.
        HostUnreachable: There is no way to it.
        GatherTimeout: Nothing came back.
    """
    attempt.step(f"connecting to {name}", seconds, only_waits=True, silent=Silent.HOST)
    problem: HostUnreachable | GatherTimeout | None = None
    for number, target in enumerate(targets):
        attempt.address = _address(target)
        sock = _new_socket(target.family)
        try:
            sock.settimeout(attempt.seconds_left() / (len(targets) - number))
            with_no_delay(sock)
            sock.connect(target.sockaddr)
        except TimeoutError:
            sock.close()
            problem = GatherTimeout(
                f"connecting to {_address_text(target)} timed out",
                "is the host up, and is a firewall in between?",
                silent=Silent.HOST,
            )
        except OSError as error:
            sock.close()
            problem = _problem(target, error)
        except BaseException:
            sock.close()
            raise
        else:
            return sock
        attempt.check()
    assert problem is not None
    raise problem


def _new_socket(family: int) -> socket.socket:
    try:
        return socket.socket(family, socket.SOCK_STREAM)
    except OSError as error:
        if error.errno in (errno.EMFILE, errno.ENFILE):
            raise TryAgain(
                "this machine has no file descriptor left for another connection", "raise ulimit -n, or fewer --workers"
            ) from error
        raise


def with_no_delay(sock: socket.socket) -> None:
    """SSH's many small packets must not wait for each other."""
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def _address(target: Target) -> Address | None:
    return read_address(str(target.sockaddr[0]).partition("%")[0])


def _getaddrinfo(name: str, port: int, flags: int) -> list[Target]:
    answers = socket.getaddrinfo(name, port, socket.AF_UNSPEC, socket.SOCK_STREAM, 0, flags)
    return list(dict.fromkeys(Target(family, tuple(sockaddr)) for family, _, _, _, sockaddr in answers))


def _problem(target: Target, error: OSError) -> HostUnreachable:
    where = _address_text(target)
    if error.errno == errno.ECONNREFUSED:
        return TryAgain(f"{where} refused the connection", "is sshd running there, on that port?")
    if error.errno in (errno.ECONNRESET, errno.ECONNABORTED):
        return TryAgain(f"{where} reset the connection", "a firewall, or an sshd that is overrun")
    hint = "is the host up, and is there a route to it?"
    return HostUnreachable(f"connecting to {where} failed: {error.strerror or error}", hint)


def _address_text(target: Target) -> str:
    host, port = str(target.sockaddr[0]), target.sockaddr[1]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
