"""The rig: nodes joined by a bridge that has a cell of its own.

The command line runs beside the bridge, as on a bastion: nothing here touches this machine's interfaces or files.
"""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Self

from tests.rig.machines.cell import Cell, RigError, configure, join, wait_for
from tests.rig.machines.node import DAEMONS, RigNode
from tests.rig.machines.node_files import Keys
from tests.rig.machines.plan import NodePlan

ESTABLISHED_TIMEOUT = 40.0  # seconds
#: A cut link shows when the hold time (9 s) is over.
CUT_TIMEOUT = 25.0


class Rig:
    """A running cluster; a context manager that takes everything away again, also when starting failed.

    Args:
        plans: The nodes.
        folder: Empty, for the nodes' files and logs.
        calicoctl: The release whose table layout the stand-in prints.
    """

    def __init__(self, plans: Sequence[NodePlan], folder: Path, *, calicoctl: str = "v3.33.0") -> None:
        self.plans = {plan.name: plan for plan in plans}
        self.folder = folder
        self.calicoctl = calicoctl
        self.nodes: dict[str, RigNode] = {}
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self._stack = stack
            self._start()
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def __getitem__(self, name: str) -> RigNode:
        return self.nodes[name]

    def _start(self) -> None:
        self._start_wire()
        for plan in self.plans.values():
            self.add_node(plan)
        for node in self.nodes.values():
            node.configure_bird(self.plans)
            node.install_calicoctl(self.calicoctl)
            node.start_felix()
            node.start_bird()

    def _start_wire(self) -> None:
        self.keys = Keys.make(self.folder / "keys")
        self.wire = self._cell(Cell("bastion", "", self.folder / "bastion.log"))
        self.wire.run("ip", "link", "add", "br0", "type", "bridge", "stp_state", "0", "forward_delay", "0")
        configure(self.wire, "br0", ["192.0.2.1/24", "2001:db8:77::1/64"])

    def _cell(self, cell: Cell) -> Cell:
        self._stack.callback(cell.close)
        return cell

    def add_node(self, plan: NodePlan) -> RigNode:
        """Join a node with sshd, not yet with BIRD."""
        folder = self.folder / plan.name
        folder.mkdir()
        node = RigNode(plan, folder, self.keys)
        self._stack.callback(node.close)
        join(self.wire, node.cell, f"port{plan.number}", [f"{plan.ipv4}/24", f"{plan.ipv6}/64"])
        node.start_sshd()
        self.nodes[plan.name] = node
        return node

    def replan(self, plans: Iterable[NodePlan]) -> None:
        """Let other nodes peer with one another: write and load every node's configuration anew."""
        self.plans = {plan.name: plan for plan in plans}
        for name, plan in self.plans.items():
            self[name].plan = plan
            self[name].configure_bird(self.plans)
            self[name].reload_bird()

    def is_whole(self) -> bool:
        """Whether every BIRD answers and every peer of every node is `up` and Established."""
        try:
            return not self.down()
        except RigError:
            return False

    def down(self) -> list[str]:
        """The peers that are not `up Established`, in words."""
        found = []
        for node in self.nodes.values():
            for version in DAEMONS if node.plan.neighbours else ():
                peers = node.peers(version)
                for other, name in node.expected_protocols(self.plans, version).items():
                    if peers.get(name) != "up Established":
                        found.append(f"{node.name} -> {other} ({DAEMONS[version]}): {peers.get(name)}")
        return found

    def wait_planned(self) -> None:
        """Wait until every BIRD has the peers of its plan, and no others, whatever their state."""
        for node in self.nodes.values():
            for version, daemon in DAEMONS.items():
                names = set(node.expected_protocols(self.plans, version).values())
                wait_for(
                    f"{node.name} has its planned peers ({daemon})",
                    lambda n=node, v=version, expected=names: set(n.peers(v)) == expected,
                    seconds=10,
                )

    def wait_established(self, seconds: float = ESTABLISHED_TIMEOUT, *, stands: float = 0.0) -> None:
        """Wait until every session stands, and has for some seconds.

        Raises:
            RigError: Says which do not.
        """
        deadline = time.monotonic() + seconds
        since = time.monotonic()
        while (down := self.down()) or time.monotonic() - since < stands:
            if down:
                since = time.monotonic()
                if since > deadline:
                    raise RigError("not Established:\n" + "\n".join(down))
            time.sleep(0.2)

    def wait_down(
        self, node: str, other: str, *, versions: Sequence[int] = (4, 6), seconds: float = CUT_TIMEOUT
    ) -> None:
        """Wait until a node no longer shows its peer as Established."""
        for version in versions:
            name = self[node].expected_protocols(self.plans, version)[other]
            wait_for(
                f"{node} notices that {other} is gone ({DAEMONS[version]})",
                lambda v=version, n=name: "Established" not in self[node].peers(v).get(n, ""),
                seconds=seconds,
            )

    def in_bastion(self, command: Sequence[str | Path]) -> list[str]:
        """The command line that runs a program of this machine in the bastion's network."""
        return self.wire.enter(command, only_network=True)

    def ssh(self, node: str, command: str, *, login: str = "root") -> subprocess.CompletedProcess[str]:
        """Run a command on a node with the OpenSSH client."""
        options = ["-F", "none", "-i", self.keys.path("plain"), "-o", "BatchMode=yes", "-o", "LogLevel=ERROR"]
        options += ["-o", f"UserKnownHostsFile={self.known_hosts()}", "-o", "ConnectTimeout=10"]
        arguments = ["ssh", *options, f"{login}@{self[node].ipv4}", command]
        return subprocess.run(self.in_bastion(arguments), capture_output=True, text=True, timeout=30, check=False)

    def known_hosts(self) -> Path:
        """A known_hosts with the true key of every node."""
        path = self.folder / "known_hosts"
        path.write_text("".join(f"{node.ipv4} {node.files.host_key()}\n" for node in self.nodes.values()))
        return path
