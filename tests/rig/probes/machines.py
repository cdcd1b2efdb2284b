"""A probed cluster on real BIRDs and real kernels: a cell for each node, one for the wire and the switch.

Of every pod there is a network namespace of its own behind a veth that is called as Calico calls it, and the routes
that Felix would write, over VXLAN too. All of it goes with the cells.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Self

from calico_bgp.model.peer import Family
from tests.rig.bird_socket import ask_lines
from tests.rig.machines.cell import Cell, RigError, wait_for
from tests.rig.probes import prober
from tests.rig.probes.bird_files import node_config, switch_config
from tests.rig.probes.clusters import ProbedCluster
from tests.rig.probes.faults import Fault, FaultKind
from tests.rig.probes.shapes import GATEWAYS, LENGTHS, Switch, rack_of
from tests.rig.requirements import program

DAEMONS = {Family.IPV4: "bird", Family.IPV6: "bird6"}
_IP = {Family.IPV4: "ip -4", Family.IPV6: "ip -6"}
#: A table is judged when BIRD's configuration is older than this (routes/observed/tables.py). Seconds.
SETTLED = 11.5
#: So far from a rack's gateway stands no machine.
NOBODY = 252
#: kernel1 looks at the kernel every two seconds.
_SCAN = 4.5
_TIME = re.compile(r"\d\d:\d\d:\d\d")

_CELL = """
mount -t tmpfs tmpfs /run
mkdir -p /run/netns /run/calico /run/bin
mount -t tmpfs tmpfs /var/lib
mkdir -p /var/lib/calico
echo {name} >/var/lib/calico/nodename
{date}
cd /proc/sys/net
echo 1 >ipv4/ip_forward
echo 1 >ipv6/conf/all/forwarding
echo 0 >ipv6/conf/all/accept_dad
echo 0 >ipv6/conf/default/accept_dad
echo 1 >ipv4/fib_multipath_hash_policy
echo 1 >ipv6/fib_multipath_hash_policy
cd /
"""
#: The operator comes five minutes after the fault: otherwise every session would be too young to be judged.
_LATER = """printf '#!/bin/sh\\nexec /bin/date -d "+300 seconds" "$@"\\n' >/run/bin/date; chmod 755 /run/bin/date"""

_POD = """
ip netns add pod
ip netns exec pod sh -c 'cd /proc/sys/net/ipv6/conf; echo 0 >default/accept_dad; echo 0 >all/accept_dad'
ip link add cali0123456789a address ee:ee:ee:ee:ee:ee type veth peer name eth0 netns pod
ip link set cali0123456789a up
ip -n pod link set lo up
ip -n pod link set eth0 up
ip -n pod route add 169.254.1.1 dev eth0
ip -n pod neigh add 169.254.1.1 lladdr ee:ee:ee:ee:ee:ee dev eth0
ip -n pod route add default via 169.254.1.1
ip -n pod -6 neigh add fe80::1 lladdr ee:ee:ee:ee:ee:ee dev eth0
ip -n pod -6 route add default via fe80::1 dev eth0
"""


class Machines:
    """A running cluster; a context manager that takes everything away again, also when starting failed.

    Args:
        cluster: What is to run.
        folder: Empty, for logs.
    """

    def __init__(self, cluster: ProbedCluster, folder: Path) -> None:
        self.cluster = cluster
        self.folder = folder
        self.cells: dict[str, Cell] = {}
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self._start(stack)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    # Machines

    def _start(self, stack: ExitStack) -> None:
        self.folder.mkdir(exist_ok=True)
        self.wire = Cell("wire", _CELL.format(name="wire", date=""), self.folder / "wire.log")
        stack.callback(self.wire.close)
        for name in self.cluster.nodes:
            cell = Cell(name, _CELL.format(name=name, date=_LATER), self.folder / f"{name}.log")
            stack.callback(cell.close)
            self.cells[name] = cell
        # Only the network is entered: the other cells' process numbers are those known here.
        self.wire.run("sh", "-ec", "\n".join(self._wires()), only_network=True)
        for name, cell in self.cells.items():
            _sh(cell, *self._node(name), _POD, *self._pods(name), *self._felix(name))
        if self.cluster.shape.switch is Switch.SPEAKER:
            self._start_birds(self.wire, "wire")
        for name, cell in self.cells.items():
            self._start_birds(cell, name)
        self.started = time.monotonic()

    def _wires(self) -> Iterator[str]:
        """A bridge for each rack, which is also the switch's address there."""
        for rack, gateways in GATEWAYS.items():
            yield f"ip link add br{rack} type bridge stp_state 0 forward_delay 0"
            yield f"ip link set br{rack} up"
            for family, address in gateways.items():
                yield f"ip address add {address}/{LENGTHS[family]} dev br{rack} {_nodad(family)}"
        for name, node in self.cluster.nodes.items():
            yield f"ip link add {name} type veth peer name eth0 netns {self.cells[name].pid}"
            yield f"ip link set {name} master br{rack_of(node)} up"
        if self.cluster.shape.switch is Switch.TOLD:
            for pod in self.cluster.pods:
                family = Family.IPV4 if pod.block.version == 4 else Family.IPV6
                yield f"{_IP[family]} route add {pod.block} via {self.cluster.nodes[pod.node].address(family)}"

    def _node(self, name: str) -> Iterator[str]:
        node = self.cluster.nodes[name]
        yield "ip link set eth0 up"
        for family in self.cluster.families:
            yield f"ip address add {node.address(family)}/{LENGTHS[family]} dev eth0 {_nodad(family)}"
            gateway = GATEWAYS[rack_of(node)][family]
            kinds = {fault.kind for fault in self.cluster.faults_at(name, family)}
            if FaultKind.NEXT_HOP_LOST in kinds:
                # Packets find their way, and BIRD, which looks at `main`, does not.
                yield f"{_IP[family]} route add default via {gateway} table 253"
                yield f"{_IP[family]} rule add pref 33000 table 253"
            else:
                yield f"{_IP[family]} route add default via {gateway}"

    def _pods(self, name: str) -> Iterator[str]:
        for pod in self.cluster.pods:
            if pod.node == name:
                family = Family.IPV4 if pod.block.version == 4 else Family.IPV6
                long = f"{pod.address}/{pod.block.max_prefixlen}"
                yield f"ip -n pod address add {long} dev eth0 {_nodad(family)}"
                yield f"{_IP[family]} route add {long} dev cali0123456789a metric 1024"
        yield "ip address add fe80::1/64 dev cali0123456789a nodad"

    def _felix(self, name: str) -> Iterator[str]:
        """What Felix does about VXLAN, and a process that is called as it."""
        yield "bash -c 'exec -a calico-felix sleep infinity' </dev/null >/dev/null 2>&1 &"
        cluster = self.cluster
        for family in cluster.families:
            tunnelled = [
                pod for pod in cluster.pods if cluster.pool_of(pod.block).vxlan_mode and _is_of(pod.block, family)
            ]
            if not tunnelled:
                continue
            device = "vxlan.calico" if family is Family.IPV4 else "vxlan-v6.calico"
            number, own = (4096 if family is Family.IPV4 else 4097), cluster.nodes[name].address(family)
            yield f"ip link add {device} address {_mac(cluster, name)} type vxlan id {number} dstport 4789 local {own}"
            yield f"ip address add {_tunnel(cluster, name, family)} dev {device} {_nodad(family)}"
            yield f"ip link set {device} up"
            for other, node in cluster.nodes.items():
                if other != name:
                    address = _tunnel(cluster, other, family).partition("/")[0]
                    yield f"ip neigh add {address} lladdr {_mac(cluster, other)} dev {device}"
                    yield f"bridge fdb add {_mac(cluster, other)} dev {device} dst {node.address(family)}"
            for pod in tunnelled:
                via = _tunnel(cluster, pod.node, family).partition("/")[0]
                if pod.node == name:
                    yield f"{_IP[family]} route add blackhole {pod.block} proto 80"
                else:
                    yield f"{_IP[family]} route add {pod.block} via {via} dev {device} onlink"

    # BIRD

    def _start_birds(self, cell: Cell, name: str) -> None:
        commands = []
        for family, daemon in DAEMONS.items():
            is_switch = name == "wire"
            text = switch_config(self.cluster, family) if is_switch else node_config(self.cluster, name, family)
            cell.path(f"/run/{daemon}.cfg").write_text(text)
            log = self.folder / f"{name}.{daemon}.log"
            arguments = f"-d -c /run/{daemon}.cfg -s /run/calico/{daemon}.ctl -P /run/{daemon}.pid"
            commands.append(f"{program(daemon)} {arguments} </dev/null >{log} 2>&1 &")
        _sh(cell, *commands)
        for daemon in DAEMONS.values():
            path = cell.path(f"/run/calico/{daemon}.ctl")
            try:
                wait_for(f"{name}: {daemon} answers", path.exists, seconds=10)
            except RigError as error:
                log = self.folder / f"{name}.{daemon}.log"
                raise RigError(f"{error}\n{log.read_text()[-2000:]}") from error

    def ask(self, name: str, family: Family, command: str) -> list[str]:
        """The lines of a BIRD's answer, without reply codes.

        Raises:
            RigError: It does not answer.
        """
        cell = self.wire if name == "wire" else self.cells[name]
        path = cell.path(f"/run/calico/{DAEMONS[family]}.ctl")
        return ask_lines(path, command, who=f"{name}: {DAEMONS[family]}")

    def wait_established(self, *, seconds: float) -> None:
        """Wait until every session of every node stands.

        Raises:
            RigError: Says which do not.
        """
        deadline = time.monotonic() + seconds
        while down := self._down():
            if time.monotonic() > deadline:
                raise RigError(f"{self.cluster.name}: not Established after {seconds:g} s: {down}")
            time.sleep(0.3)

    def _down(self) -> list[str]:
        found = []
        for name in self.cells:
            for family in self.cluster.families:
                rows = [line.split() for line in self.ask(name, family, "show protocols")]
                found += [f"{name} {' '.join(row)}" for row in rows if row[1:2] == ["BGP"] and "Established" not in row]
        return found

    def wait_settled(self, *, seconds: float, quiet: float = 1.5) -> None:
        """Wait until no table of any BIRD has changed for a while.

        Raises:
            RigError: They never come to rest.
        """
        deadline = time.monotonic() + seconds
        before, since = self._tables(), time.monotonic()
        while time.monotonic() - since < quiet:
            if time.monotonic() > deadline:
                raise RigError(f"{self.cluster.name}: the tables still change after {seconds:g} s")
            time.sleep(0.3)
            now = self._tables()
            if now != before:
                before, since = now, time.monotonic()

    def _tables(self) -> list[list[str]]:
        return [
            [_TIME.sub("", line) for line in self.ask(name, family, "show route")]
            for name in self.cells
            for family in self.cluster.families
        ]

    # Faults

    def break_all(self) -> None:
        """Do what is to be done to BIRDs and kernels that run; the rest stands in their configurations."""
        for fault in self.cluster.faults:
            for family in fault.families:
                _sh(self.cells[fault.node], *self._break(fault, family))
        if self.cluster.faults:
            time.sleep(_SCAN)

    def _break(self, fault: Fault, family: Family) -> Iterator[str]:
        ip = _IP[family]
        block = self.cluster.blocks(fault.other, family)[0]
        if fault.kind is FaultKind.STATIC_DOWN:
            self.ask(fault.node, family, "disable static1")
        elif fault.kind is FaultKind.KERNEL_DOWN:
            self.ask(fault.node, family, "disable kernel1")
            yield f"{ip} route flush proto bird"
        elif fault.kind is FaultKind.KERNEL_LACKS:
            self.ask(fault.node, family, "disable kernel1")
            yield f"{ip} route del {block} proto bird || true"
        elif fault.kind is FaultKind.KERNEL_STALE:
            self.ask(fault.node, family, "disable kernel1")
            self.ask(fault.other, family, "disable static1")
        elif fault.kind in {FaultKind.KERNEL_ASTRAY, FaultKind.KERNEL_DETOUR}:
            way: object = GATEWAYS[rack_of(self.cluster.nodes[fault.node])][family] + NOBODY
            if fault.kind is FaultKind.KERNEL_DETOUR:
                third = next(name for name in self.cells if name not in {fault.node, fault.other})
                way = self._way(fault.node, third, family)
            yield f"{ip} route add {block} via {way} metric 512 proto 80"
        elif fault.kind is FaultKind.SESSION_OFF:
            for peer in self.cluster.peers(fault.node, family):
                if peer.far_node == fault.other:
                    self.ask(fault.node, family, f"disable {peer.name}")

    def _way(self, name: str, other: str, family: Family) -> object:
        """The first hop from a node to another one."""
        near, far = self.cluster.nodes[name], self.cluster.nodes[other]
        return far.address(family) if rack_of(near) == rack_of(far) else GATEWAYS[rack_of(near)][family]

    # Packets

    def reached(self) -> dict[tuple[str, str], int]:
        """(node, address of another node's pod) → how many flows of its pod arrive there."""
        namespaces = {
            name: [
                str(cell.path("/run/netns/pod")),
                [str(pod.address) for pod in self.cluster.pods if pod.node == name],
            ]
            for name, cell in self.cells.items()
        }
        done = subprocess.run(
            [sys.executable, prober.__file__],
            input=json.dumps({"namespaces": namespaces}),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        if done.returncode != 0:
            raise RigError(f"{self.cluster.name}: {done.stderr}")
        return {(name, address): flows for name, address, flows in json.loads(done.stdout)}


def _sh(cell: Cell, *commands: str) -> None:
    text = "\n".join(commands)
    if text.strip():
        cell.run("sh", "-ec", text)


def _nodad(family: Family) -> str:
    return "nodad" if family is Family.IPV6 else ""


def _is_of(block: object, family: Family) -> bool:
    return (":" in str(block)) is (family is Family.IPV6)


def _number(cluster: ProbedCluster, name: str) -> int:
    return list(cluster.nodes).index(name) + 1


def _mac(cluster: ProbedCluster, name: str) -> str:
    return f"66:00:00:00:00:{_number(cluster, name):02x}"


def _tunnel(cluster: ProbedCluster, name: str, family: Family) -> str:
    """The tunnel's address: one in the node's own VXLAN block or, without one, one that no pod has."""
    number = _number(cluster, name)
    return f"10.66.255.{number}/32" if family is Family.IPV4 else f"fd66::ff:{number}/128"
