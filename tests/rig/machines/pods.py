"""A pod on every node of a rig, and whether packets reach it: the judge of what calico_bgp says of routes.

A pod is an address on an interface that is called as Calico calls those of pods, with the kernel's route that Felix
would write. A packet is an echo request of a node to the pod of another one: the answer comes back over the nodes' own
network, so that only the one way counts.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping

from tests.rig.machines.cluster import Rig

#: Sends an echo request to each address and prints, as JSON, which ones answered.
PROBE = """
import json, os, select, socket, struct, sys, time
own, targets = sys.argv[1], sys.argv[2:]
v6 = ":" in own
kind = socket.AF_INET6 if v6 else socket.AF_INET
s = socket.socket(kind, socket.SOCK_RAW, socket.IPPROTO_ICMPV6 if v6 else socket.IPPROTO_ICMP)
s.bind((own, 0))
def packet():
    head = struct.pack("!BBHHH", 128 if v6 else 8, 0, 0, os.getpid() & 0xffff, 1)
    if v6:
        return head
    total = sum(struct.unpack("!4H", head))
    total = (total >> 16) + (total & 0xffff)
    return struct.pack("!BBHHH", 8, 0, ~total & 0xffff, os.getpid() & 0xffff, 1)
heard = set()
end = time.monotonic() + 1.5
sent = 0
while time.monotonic() < end and heard < set(targets):
    if time.monotonic() > end - 1.5 + 0.5 * sent:
        sent += 1
        for target in set(targets) - heard:
            try:
                s.sendto(packet(), (target, 0))
            except OSError:
                pass
    if select.select([s], [], [], 0.1)[0]:
        data, source = s.recvfrom(2000)
        if (data[0] == 129) if v6 else (data[(data[0] & 15) * 4] == 0):
            heard.add(source[0])
print(json.dumps(sorted(heard)))
"""


def pod_of(number: int, version: int) -> str:
    """The address of the pod on a node, in its block."""
    return f"10.65.{number}.2" if version == 4 else f"fd65:0:0:{number}::2"


def add_pods(rig: Rig) -> None:
    """A pod on every node."""
    for node in rig.nodes.values():
        run = node.cell.run
        run("ip", "link", "add", "cali0123456789a", "type", "veth", "peer", "name", "pod")
        run("ip", "link", "set", "cali0123456789a", "up")
        run("ip", "link", "set", "pod", "up")
        for version, length in ((4, 32), (6, 128)):
            pod = f"{pod_of(node.plan.number, version)}/{length}"
            run("ip", "address", "add", pod, "dev", "cali0123456789a", *(["nodad"] if version == 6 else []))
            run("ip", f"-{version}", "route", "replace", pod, "dev", "cali0123456789a")


def unreached(rig: Rig, version: int) -> set[tuple[str, str]]:
    """(node, owner) of the pods that do not answer a node's packets."""
    return set(_unreached(rig, version))


def _unreached(rig: Rig, version: int) -> Iterator[tuple[str, str]]:
    pods = {pod_of(node.plan.number, version): name for name, node in rig.nodes.items()}
    for name, node in rig.nodes.items():
        own = node.ipv4 if version == 4 else node.ipv6
        others: Mapping[str, str] = {pod: owner for pod, owner in pods.items() if owner != name}
        line = node.cell.enter([sys.executable, "-c", PROBE, own, *others], only_network=True)
        heard = json.loads(_output(line))
        yield from ((name, owner) for pod, owner in others.items() if pod not in heard)


def _output(line: list[str]) -> str:
    return subprocess.run(line, capture_output=True, text=True, timeout=30, check=True).stdout
