"""A real OpenSSH server on loopback, and users for it, for as long as a test lasts. It stops only what it started.

Nothing of this machine's own sshd is used or changed: own configuration, own keys, own port. The home is an empty
folder, since rc files of the machine can cost a minute per login.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

SSHD = shutil.which("sshd") or "/usr/sbin/sshd"
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_OWN_PROCESSES = ("unshare", "--pid", "--fork", "--kill-child", "--mount-proc")


def why_not() -> str | None:
    """Why no real sshd can be started here, None when it can."""
    if os.geteuid() != 0:
        return "needs root"
    if not Path(SSHD).exists():
        return "needs openssh-server"
    return None


def keygen(path: Path, kind: str = "ed25519", passphrase: str = "", *options: str) -> Path:
    """A new key pair at `path` and `path.pub`."""
    _run("ssh-keygen", "-q", "-t", kind, "-N", passphrase, "-C", path.name, "-f", path, *options)
    return path


def sign(
    key: Path, authority: Path, *, host: bool = False, principals: Sequence[str] = (), validity: str = "always:forever"
) -> Path:
    """A certificate for a public key, at `<key>-cert.pub`."""
    _run(
        *("ssh-keygen", "-q", "-s", authority, "-I", "test", "-V", validity, "-n", ",".join(principals)),
        *(["-h"] if host else []),
        f"{key}.pub",
    )
    return Path(f"{key}-cert.pub")


@dataclass
class RealSshd:
    """One sshd in the foreground of a child process. Use it as a context manager.

    Attributes:
        folder: Where its keys, its configuration and its log go; must exist.
        address: What it listens on; a loopback address.
        port: Its port; a free one when 0.
        host_key_types: The types of its host keys, made new.
        authorized: Public key files that may log in, as any user.
        extra: Lines for sshd_config; the first line of a keyword wins, so that these come first.
        home: The HOME of every login; an empty folder when None.
        path: Folders put before PATH, for stand-ins of calicoctl and the like.
        certify: The authority that signs the host keys, and for which names.
        seconds: It ends by itself after this many seconds, should nobody stop it.
    """

    folder: Path
    address: str = "127.0.0.1"
    port: int = 0
    host_key_types: Sequence[str] = ("ed25519",)
    authorized: Sequence[Path] = ()
    extra: str = ""
    home: Path | None = None
    path: Sequence[Path] = ()
    certify: tuple[Path, Sequence[str]] | None = None
    seconds: int = 300
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def log(self) -> str:
        """What it has logged so far."""
        return (self.folder / "sshd.log").read_text("utf-8", "replace")

    def host_key(self, kind: str | None = None) -> Path:
        """The private host key file of a type."""
        return self.folder / f"host_{kind or self.host_key_types[0]}"

    def public_key(self, kind: str | None = None) -> str:
        """`type base64` of a host key."""
        return " ".join(Path(f"{self.host_key(kind)}.pub").read_text().split()[:2])

    def known_hosts_line(self, kind: str | None = None, *, name: str | None = None) -> str:
        """Its line for a known_hosts file."""
        name = name or (self.address if self.port == 22 else f"[{self.address}]:{self.port}")
        return f"{name} {self.public_key(kind)}\n"

    def known_hosts(self, path: Path) -> Path:
        """A known_hosts file with all its keys."""
        path.write_text("".join(self.known_hosts_line(kind) for kind in self.host_key_types))
        return path

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Write the configuration, start, and wait until it listens; nothing when it has been started."""
        if self.process is not None:
            return
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)  # sshd's own privilege separation folder
        self.port = self.port or free_port(self.address)
        home = self.home or self.folder / "home"
        home.mkdir(exist_ok=True)
        home.chmod(0o755)
        for kind in self.host_key_types:
            if not self.host_key(kind).exists():
                keygen(self.host_key(kind), kind)
        authorized = self.folder / "authorized_keys"
        authorized.write_text("".join(path.read_text() for path in self.authorized))
        self.folder.joinpath("sshd_config").write_text(self._config(home, authorized))
        with (self.folder / "sshd.log").open("ab") as log:
            self.process = subprocess.Popen(
                # A process list of its own: a node must not see the BIRDs and Felixes of a rig that runs beside it.
                ["timeout", str(self.seconds), *_OWN_PROCESSES, SSHD, "-D", "-e", "-f", self.folder / "sshd_config"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        until = time.monotonic() + 10
        while True:
            with contextlib.suppress(OSError), socket.create_connection((self.address, self.port), timeout=1):
                return
            if self.process.poll() is not None or time.monotonic() > until:
                self.stop()
                raise RuntimeError(f"sshd does not listen:\n{self.log}")
            time.sleep(0.02)

    def stop(self) -> None:
        """End it and its connections."""
        if self.process is None:
            return
        # Every session is a child in its own session; ask /proc which ones are ours before the parent goes.
        mine = _descendants(self.process.pid)
        self.process.kill()
        for pid in mine:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, 9)
        self.process.wait(5)
        self.process = None

    @property
    def _listen_address(self) -> str:
        return f"[{self.address}]:{self.port}" if ":" in self.address else f"{self.address}:{self.port}"

    def _config(self, home: Path, authorized: Path) -> str:
        path = ":".join([*map(str, self.path), _PATH])
        lines = [
            self.extra.strip(),
            f"ListenAddress {self._listen_address}",
            *(f"HostKey {self.host_key(kind)}" for kind in self.host_key_types),
            f"AuthorizedKeysFile {authorized}",
            f"SetEnv HOME={home} PATH={path}",
            "PidFile none",
            "StrictModes no",
            "PermitRootLogin yes",
            "UsePAM no",
            "UseDNS no",
            "PrintMotd no",
            "MaxStartups 500",
            "MaxSessions 500",
            "LogLevel VERBOSE",
        ]
        if self.certify:
            authority, names = self.certify
            for kind in self.host_key_types:
                lines.append(f"HostCertificate {sign(self.host_key(kind), authority, host=True, principals=names)}")
        return "\n".join(line for line in lines if line) + "\n"


@dataclass(frozen=True)
class TemporaryUser:
    """A user of this machine, for as long as a test lasts."""

    name: str
    password: str


@contextlib.contextmanager
def temporary_user(home: Path, *, shell: str = "/bin/sh", sudoers: str | None = None) -> Iterator[TemporaryUser]:
    """A user with a password; `sudoers` is what follows the name in a line, such as `ALL=(root) NOPASSWD: ALL`."""
    user = TemporaryUser(f"cbgp{secrets.token_hex(4)}", secrets.token_urlsafe(12))
    line = Path("/etc/sudoers.d") / user.name
    _run("useradd", "--no-create-home", "--home-dir", home, "--shell", shell, user.name)
    try:
        _run("chpasswd", text=f"{user.name}:{user.password}\n")
        if sudoers is not None:
            line.write_text(f"{user.name} {sudoers}\n")
            line.chmod(0o440)
        yield user
    finally:
        line.unlink(missing_ok=True)
        _run("userdel", "--force", user.name)


@contextlib.contextmanager
def public_folder() -> Iterator[Path]:
    """A folder that a temporary user can reach. Pytest's own are root's, and every run of pytest sees to that."""
    with tempfile.TemporaryDirectory(prefix="calico-bgp-rig-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


def free_port(address: str = "127.0.0.1") -> int:
    """A TCP port that nobody listens on now."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family) as probe:
        probe.bind((address, 0))
        port: int = probe.getsockname()[1]
    return port


def script(path: Path, text: str) -> Path:
    """An executable file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    with path.open("x") as file:  # never through a link
        file.write(text)
    path.chmod(0o755)
    return path


def _descendants(pid: int) -> list[int]:
    children: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError, ValueError, IndexError):
            fields = stat.read_text().rpartition(")")[2].split()
            children.setdefault(int(fields[1]), []).append(int(stat.parent.name))
    found: list[int] = []
    todo = [pid]
    while todo:
        new = children.get(todo.pop(), [])
        found += new
        todo += new
    return found


def _run(*command: object, text: str | None = None) -> None:
    done = subprocess.run(
        [str(word) for word in command], input=text, capture_output=True, text=True, timeout=30, check=False
    )
    if done.returncode != 0:
        raise RuntimeError(f"{command[0]}: {done.stderr or done.stdout}")
