"""A real sshd with a stand-in calicoctl that prints a capture: all that a test of the SSH side needs of a node."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from calico_bgp.model.inventory import Host
from calico_bgp.model.reading import GatherFailure, NodeReading
from calico_bgp.sources.gather import Result, gather
from calico_bgp.sources.ssh.gatherer import SSHGatherer
from calico_bgp.sources.ssh.options import SSHOptions
from tests.rig.ssh.sshd import RealSshd, keygen, script

CAPTURE = Path(__file__).parents[2] / "fixtures/captures/v3.33/mesh_ok_dual/node1.stdout.txt"

#: Prints the capture as root, refuses as anybody else; that it was found at all shows that PATH was ours.
CALICOCTL = f"""#!/bin/sh
case $1 in version) echo "Client Version:    v3.33.0"; exit;; esac
if [ "$(id -u)" != 0 ]; then echo "Need super user privileges: Operation not permitted"; exit 1; fi
cat {CAPTURE}
"""


@dataclass
class SSHNode:
    """One node, and the operator's files: a key that may log in, and a known_hosts file that knows the node."""

    sshd: RealSshd
    folder: Path
    key: Path
    known_hosts: Path

    @property
    def host(self) -> Host:
        """The node as hosts.txt names it."""
        return Host(name=self.sshd.address, port=self.sshd.port)

    def options(self, **changes: Any) -> SSHOptions:
        """Options that work; a test changes one."""
        values: dict[str, Any] = {
            "user": "root",
            "identities": (self.key,),
            "known_hosts": (self.known_hosts,),
            "ssh_config": Path("none"),
            "agent": False,
            "connect_timeout": 10.0,
            "command_timeout": 20.0,
        }
        return SSHOptions(**values | changes)

    def read(self, *, host: Host | None = None, **changes: Any) -> Result:
        """What gathering this one node gives."""
        snapshot = gather([host or self.host], SSHGatherer(self.options(**changes)))
        (result,) = (*snapshot.readings, *snapshot.failures)
        return result

    def reading(self, **changes: Any) -> NodeReading:
        """The same, which must be a reading."""
        result = self.read(**changes)
        assert isinstance(result, NodeReading), result
        return result

    def failure(self, **changes: Any) -> GatherFailure:
        """The same, which must be a failure."""
        result = self.read(**changes)
        assert isinstance(result, GatherFailure), result
        return result


def make_node(folder: Path, *, calicoctl: str | None = CALICOCTL, **sshd: Any) -> SSHNode:
    """A node that has been started; `with node.sshd: ...` stops it."""
    folder.mkdir(parents=True, exist_ok=True)
    key = folder / "id"
    if not key.exists():
        keygen(key)
    if calicoctl is not None:
        script(folder / "bin/calicoctl", calicoctl)
    authorized = [Path(f"{key}.pub"), *sshd.pop("authorized", ())]
    path = [folder / "bin", *sshd.pop("path", ())]
    server = RealSshd(folder, authorized=authorized, path=path, **sshd)
    server.start()
    return SSHNode(server, folder, key, server.known_hosts(folder / "known_hosts"))
