"""What a user may choose about gathering over SSH: one frozen value, checked, no I/O. Secrets stay out of its repr."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from calico_bgp.sources.node.command import require_plain_path
from calico_bgp.sources.node.questions import Questions

#: Bytes of one node's answer that are kept; a mesh of 1,000 prints 100 kB.
OUTPUT_LIMIT = 8 * 1024 * 1024
#: Bytes of a cluster's resources that are read; 5,000 Kubernetes Nodes take 100 MB.
RESOURCES_LIMIT = 256 * 1024 * 1024
#: Where a second process begins to pay: it costs a third of a second of CPU to start one.
MANY_HOSTS = 200


class HostKeyPolicy(StrEnum):
    """What to do with a host key that no known_hosts file has. A changed or revoked key is always refused."""

    STRICT = "strict"
    ACCEPT_NEW = "accept-new"


@dataclass(frozen=True, slots=True)
class SSHOptions:
    """How to reach the nodes. What hosts.txt says of a host comes first, then these, then the ssh configuration.

    Attributes:
        user: The login; None for the ssh configuration's, else our own name.
        identities: Private key files; empty for the ssh configuration's, else `~/.ssh/id_*`.
        agent: Whether to use the keys of the agent at SSH_AUTH_SOCK.
        jump: A jump host for every node, as ssh's ProxyJump.
        ssh_config: The OpenSSH client configuration to read instead of the usual files, `Path("none")` for none.
        known_hosts: Files to look host keys up in, before the user's; accept-new writes to the first.
        host_keys: What to do with an unknown host key.
        password: The login's password, also for the jump hosts; None for none.
        sudo_password: What sudo wants to hear; None when it wants nothing.
        passphrases: Tried on every encrypted key.
        ask_passphrase: Called with a key's path, before the first connection, when an encrypted key is needed; returns
            None to do without the key.
        calicoctl: The program's path on the nodes.
        workers: Nodes worked on at once, by each process; those that keep us waiting are not counted.
        processes: Worker processes, started as `python -m`; 1 reads in this one. None: two for more than
            `MANY_HOSTS` hosts where there are two processors.
        connect_timeout: Seconds for the name, for the TCP connection, and again for the server's first words and the
            key exchange.
        auth_timeout: Seconds for the authentication.
        command_timeout: Seconds for the command.
        run_timeout: Seconds for the whole run; None for no limit.
        attempts: Tries of a connection that was refused or reset.
        output_limit: Bytes of one node's output; the rest is not read.
        questions: What BIRD is asked beside its peers.
        resources_limit: Bytes of what the one host prints that is asked for Calico's resources.
    """

    user: str | None = None
    identities: tuple[Path, ...] = ()
    agent: bool = True
    jump: str | None = None
    ssh_config: Path | None = None
    known_hosts: tuple[Path, ...] = ()
    host_keys: HostKeyPolicy = HostKeyPolicy.STRICT
    password: str | None = field(default=None, repr=False)
    sudo_password: str | None = field(default=None, repr=False)
    passphrases: tuple[str, ...] = field(default=(), repr=False)
    ask_passphrase: Callable[[str], str | None] | None = field(default=None, repr=False, compare=False)
    calicoctl: str | None = None
    workers: int = 32
    processes: int | None = 1
    connect_timeout: float = 10.0
    auth_timeout: float = 15.0
    command_timeout: float = 30.0
    run_timeout: float | None = None
    attempts: int = 3
    output_limit: int = OUTPUT_LIMIT
    resources_limit: int = RESOURCES_LIMIT
    questions: Questions = field(default_factory=Questions)

    def __post_init__(self) -> None:
        """Refuse what cannot work.

        Raises:
            ValueError: A number is out of its range, or a secret holds a line break.
        """
        if not 1 <= self.workers <= 256:
            raise ValueError(f"workers is 1 to 256, not {self.workers}")
        for name in ("connect_timeout", "auth_timeout", "command_timeout", "run_timeout"):
            seconds = getattr(self, name)
            if seconds is not None and not 0 < seconds <= 86_400:
                raise ValueError(f"{name} is more than 0 and at most 86400 seconds, not {seconds}")
        if self.processes is not None and not 1 <= self.processes <= 16:
            raise ValueError(f"processes is 1 to 16, not {self.processes}")
        if self.calicoctl is not None:
            require_plain_path(self.calicoctl)
        if self.attempts < 1:
            raise ValueError(f"attempts is at least 1, not {self.attempts}")
        if "\n" in (self.sudo_password or ""):
            raise ValueError("sudo reads one line; its password cannot hold a line break")
