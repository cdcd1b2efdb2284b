"""Sends probe packets from pod to pod, of many network namespaces in one process. A program: JSON in, JSON out.

A packet goes one way only: whoever receives it notes it down, and no answer is needed, so that each direction of a pair
is seen by itself. Several flows go to each pod, since a kernel with two ways (ECMP) takes one for each flow. It enters
namespaces by setns(2), for which it needs root, and is a program of its own because its threads change their network.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import select
import socket
import sys
import time

_CLONE_NEWNET = 0x40000000
_PORT = 5000
FLOWS = 6
#: Packets that were lost are sent again; the first ones may find no neighbour yet. Seconds.
_ROUNDS = 4
_ROUND = 0.35


def main() -> None:
    """`{"namespaces": {NAME: [PATH, [ADDRESS, ...]]}}` in; `[[NAME, ADDRESS, FLOWS], ...]` of what arrived out."""
    wanted = json.load(sys.stdin)["namespaces"]
    libc = ctypes.CDLL(None, use_errno=True)
    senders: list[tuple[str, int, socket.socket]] = []
    receivers: dict[socket.socket, str] = {}
    for name, (path, addresses) in wanted.items():
        folder = os.open(path, os.O_RDONLY)
        if libc.setns(folder, _CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), f"setns {path}")
        os.close(folder)
        for family in (socket.AF_INET, socket.AF_INET6):
            mine = [address for address in addresses if (":" in address) is (family is socket.AF_INET6)]
            for address in mine:
                receiver = _socket(family, address, _PORT)
                receivers[receiver] = address
            if mine:
                senders += [(name, flow, _socket(family, mine[0], 40001 + 7 * flow)) for flow in range(FLOWS)]
    # A pod is its namespace's: where two have one address, only the owner's counts.
    targets = [(name, address) for name, (_, addresses) in wanted.items() for address in addresses]
    left = {
        (name, address, flow)
        for name, flow, sender in senders
        for owner, address in targets
        if owner != name and (":" in address) is (sender.family is socket.AF_INET6)
    }
    arrived: set[tuple[str, str, int]] = set()
    for _ in range(_ROUNDS):
        for name, flow, sender in senders:
            for _, address in targets:
                if (name, address, flow) in left:
                    _send(sender, address, f"{name} {address} {flow}")
        end = time.monotonic() + _ROUND
        while left and (rest := end - time.monotonic()) > 0:
            for receiver in select.select(list(receivers), [], [], rest)[0]:
                name, address, flow = receiver.recv(200).decode().split()
                if address == receivers[receiver]:
                    arrived.add((name, address, int(flow)))
                    left.discard((name, address, int(flow)))
        if not left:
            break
    found: dict[tuple[str, str], int] = {}
    for name, address, _ in arrived:
        found[name, address] = found.get((name, address), 0) + 1
    print(json.dumps([[name, address, flows] for (name, address), flows in sorted(found.items())]))


def _socket(family: socket.AddressFamily, address: str, port: int) -> socket.socket:
    made = socket.socket(family, socket.SOCK_DGRAM)
    made.bind((address, port))
    made.setblocking(False)
    return made


def _send(sender: socket.socket, address: str, text: str) -> None:
    # A namespace that has no way itself is as good as one whose packets are lost.
    with contextlib.suppress(OSError):
        sender.sendto(text.encode(), (address, _PORT))


if __name__ == "__main__":
    main()
