"""The files that a lab leaves for its users: hosts.txt, key, known_hosts, ssh_config, resources.yaml, kubeconfig."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import paramiko

from calico_bgp.lab.cluster import LabCluster, LabNode
from calico_bgp.lab.servers.listeners import LabError
from calico_bgp.lab.servers.ssh import Endpoint

USER = "lab"
_FILES = ("hosts.txt", "key", "known_hosts", "ssh_config", "resources.yaml", "kubeconfig")


class LabFiles:
    """A folder with the lab's files.

    Args:
        wanted: The folder; a temporary one when None. A folder that was there before stays when the files go.

    Raises:
        LabError: The folder cannot be made, or holds one of the files already.
    """

    def __init__(self, folder: Path | None) -> None:
        self._temporary: TemporaryDirectory[str] | None = None
        self._made = False
        if folder is None:
            self._temporary = TemporaryDirectory(prefix="calico-bgp-lab-")
            self.directory = Path(self._temporary.name)
            return
        self.directory = folder.absolute()
        for file in _FILES:
            if (self.directory / file).exists():
                raise LabError(f"{self.directory / file} exists already; name another folder, or remove it")
        try:
            self._made = not self.directory.exists()
            self.directory.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise LabError(f"cannot make the folder {self.directory}: {error.strerror}") from error

    def write(
        self,
        cluster: LabCluster,
        endpoints: Mapping[str, Endpoint],
        host_keys: Mapping[str, paramiko.PKey],
        client_key: str,
    ) -> None:
        """Write all but the resources.

        Raises:
            LabError: The folder cannot be written to.
        """
        key, known_hosts = self.directory / "key", self.directory / "known_hosts"
        hosts = ["# A simulated cluster: these nodes are there only while the lab runs."]
        keys = []
        config = [f"User {USER}", f"IdentityFile {_config_word(key)}", "IdentitiesOnly yes"]
        config += [f"UserKnownHostsFile {_config_word(known_hosts)}", "GlobalKnownHostsFile none", ""]
        for node in cluster.nodes:
            place, host_key = endpoints[node.name], host_keys[node.name]
            hosts.append(_host_line(node, place, key))
            keys.append(f"[{place.address}]:{place.port} {host_key.get_name()} {host_key.get_base64()}")
            config += [f"Host {node.name}", f"    HostName {place.address}", f"    Port {place.port}"]
        try:
            _write_private(key, client_key)
            (self.directory / "hosts.txt").write_text("\n".join(hosts) + "\n", encoding="utf-8")
            known_hosts.write_text("\n".join(keys) + "\n", encoding="utf-8")
            (self.directory / "ssh_config").write_text("\n".join(config) + "\n", encoding="utf-8")
        except OSError as error:
            raise LabError(f"cannot write to {self.directory}: {error.strerror}") from error

    def write_resources(self, text: str) -> None:
        """Write resources.yaml, which changes with the faults: a lost label is lost in the datastore.

        Raises:
            LabError: The folder cannot be written to.
        """
        try:
            (self.directory / "resources.yaml").write_text(text, encoding="utf-8")
        except OSError as error:
            raise LabError(f"cannot write to {self.directory}: {error.strerror}") from error

    def write_kubeconfig(self, text: str) -> None:
        """Write kubeconfig, which holds a token.

        Raises:
            LabError: The folder cannot be written to.
        """
        try:
            _write_private(self.directory / "kubeconfig", text)
        except OSError as error:
            raise LabError(f"cannot write to {self.directory}: {error.strerror}") from error

    def remove(self) -> None:
        """Remove the files, and the folder if it was made for them and nothing else lies in it."""
        if self._temporary is not None:
            self._temporary.cleanup()
            return
        for file in _FILES:
            (self.directory / file).unlink(missing_ok=True)
        if self._made and not any(self.directory.iterdir()):
            self.directory.rmdir()


def _host_line(node: LabNode, place: Endpoint, key: Path) -> str:
    words = [f"{USER}@{place.address}:{place.port}", f"node={node.name}"]
    if node.role is not None:
        words.append(f"role={node.role}")
    words.append("ip=" + ",".join(str(address) for address in (node.ipv4, node.ipv6) if address is not None))
    words.append(f"identity={_quoted(str(key))}")
    return " ".join(words)


def _quoted(text: str) -> str:
    """A value of hosts.txt, in quotes where it needs them."""
    if not any(character.isspace() or character in '"#\\' for character in text):
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _config_word(path: Path) -> str:
    """A path in ssh_config: quoted, and `%` doubled, which ssh would expand."""
    return '"' + str(path).replace("%", "%%") + '"'


def _write_private(path: Path, text: str) -> None:
    """Write a file that nobody else may read, from its first moment; OpenSSH insists on it."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(text)
