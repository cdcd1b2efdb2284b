"""What a node of the rig has on its disk: users, sshd's and sudo's settings, empty homes. Writes files only."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tests.rig.requirements import program

#: The password of every login on the rig, and of the encrypted key. It opens nothing outside.
PASSWORD = "correct horse"
#: login -> what sudo allows it.
LOGINS = {"alice": "ALL=(root) NOPASSWD: ALL", "bob": None, "carol": "ALL=(root) ALL"}

SSHD_CONFIG = """\
Port 22
HostKey /etc/ssh/ssh_host_ed25519_key
PidFile /run/sshd.pid
AuthorizedKeysFile /etc/ssh/authorized_keys
TrustedUserCAKeys /etc/ssh/user_ca.pub
PermitRootLogin yes
PasswordAuthentication yes
KbdInteractiveAuthentication no
PubkeyAuthentication yes
# Nothing of the machine below may slow a login down.
UsePAM no
UseDNS no
PermitUserRC no
PermitUserEnvironment no
PrintMotd no
PrintLastLog no
# The files lie in a temporary folder.
StrictModes no
MaxStartups 50
LoginGraceTime 20
LogLevel VERBOSE
"""

SUDOERS = """\
Defaults env_reset, !lecture, !syslog
Defaults secure_path="/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
root ALL=(ALL:ALL) ALL
"""


@dataclass(frozen=True)
class Keys:
    """The operator's keys. `encrypted` asks for PASSWORD; `certified` is known by its certificate alone.

    Attributes:
        folder: Holds all of them.
    """

    folder: Path

    @classmethod
    def make(cls, folder: Path) -> Keys:
        """Make all keys anew."""
        folder.mkdir(mode=0o700)
        keys = cls(folder)
        for name in ("plain", "encrypted", "certified", "stranger", "user_ca"):
            make_key(folder / name, passphrase=PASSWORD if name == "encrypted" else "")
        make_key(folder / "rsa", kind="rsa")
        make_key(folder / "ecdsa", kind="ecdsa")
        names = ",".join(("root", *LOGINS))
        sign = ["-s", folder / "user_ca", "-I", "operator", "-n", names, folder / "certified.pub"]
        subprocess.run([program("ssh-keygen"), "-q", *sign], check=True, capture_output=True)
        return keys

    def path(self, name: str) -> Path:
        """A private key."""
        return self.folder / name

    def authorized(self) -> str:
        """The keys that every login accepts; not the certified one, nor the stranger's."""
        return "".join((self.folder / f"{name}.pub").read_text() for name in ("plain", "encrypted", "rsa", "ecdsa"))


def make_key(path: Path, *, kind: str = "ed25519", passphrase: str = "") -> None:
    """Make a key pair; the passphrase goes on no command line but the rig's own, and is no secret."""
    arguments = ["-q", "-t", kind, "-N", passphrase, "-C", path.name, "-f", path]
    subprocess.run([program("ssh-keygen"), *arguments], check=True, capture_output=True)


def copy_tree(source: Path, target: Path, ignore: Callable[[str, list[str]], Iterable[str]]) -> None:
    """Copy a folder in which other programs may write meanwhile: what vanishes on the way (a lock) is left out."""

    def copy(path: str, to: str) -> str:
        with suppress(FileNotFoundError):
            shutil.copy2(path, to, follow_symlinks=False)
        return to

    shutil.copytree(source, target, symlinks=True, ignore=ignore, copy_function=copy, ignore_dangling_symlinks=True)


@dataclass(frozen=True)
class NodeFiles:
    """A node's own folders; the node mounts them over /etc, /home, /root and /usr/local/bin."""

    folder: Path

    @property
    def etc(self) -> Path:
        """/etc."""
        return self.folder / "etc"

    @property
    def programs(self) -> Path:
        """/usr/local/bin, where calicoctl lies."""
        return self.folder / "bin"

    def home(self, login: str = "root") -> Path:
        """A login's home, empty."""
        return self.folder / "root" if login == "root" else self.folder / "home" / login

    def write(self, name: str, address: str, keys: Keys) -> None:
        """Write all of it, for the host `name`."""
        # The libraries' settings come from this machine; its secrets do not.
        secret = shutil.ignore_patterns("shadow*", "gshadow*", "ssh", "sudoers*", "ssl", "kubernetes", "*.key")
        copy_tree(Path("/etc"), self.etc, secret)
        shutil.copytree("/usr/local/bin", self.programs, symlinks=True)
        self._write_users()
        (self.etc / "bash.bashrc").write_text("")
        (self.etc / "environment").write_text("")
        # No name is ever looked up outside: that could cost seconds.
        (self.etc / "hosts").write_text(f"127.0.0.1 localhost\n{address} {name}\n")
        (self.etc / "resolv.conf").unlink(missing_ok=True)
        (self.etc / "resolv.conf").write_text("")
        sudoers = self.etc / "sudoers"
        sudoers.write_text(SUDOERS + "".join(f"{login} {right}\n" for login, right in LOGINS.items() if right))
        sudoers.chmod(0o440)
        ssh = self.etc / "ssh"
        ssh.mkdir()
        (ssh / "sshd_config").write_text(SSHD_CONFIG)
        (ssh / "authorized_keys").write_text(keys.authorized())
        shutil.copy(keys.folder / "user_ca.pub", ssh / "user_ca.pub")
        self.new_host_key()

    def new_host_key(self) -> None:
        """Make the host key anew, as after a reinstallation."""
        key = self.etc / "ssh" / "ssh_host_ed25519_key"
        key.unlink(missing_ok=True)
        key.with_suffix(".pub").unlink(missing_ok=True)
        make_key(key)

    def host_key(self) -> str:
        """Type and key, as in known_hosts."""
        kind, key, _ = (self.etc / "ssh" / "ssh_host_ed25519_key.pub").read_text().split()
        return f"{kind} {key}"

    def _write_users(self) -> None:
        hashed = subprocess.run(
            [program("openssl"), "passwd", "-6", "-stdin"], input=PASSWORD, check=True, capture_output=True, text=True
        ).stdout.strip()
        passwd = ["root:x:0:0:root:/root:/bin/bash", "sshd:x:74:65534::/run/sshd:/usr/sbin/nologin"]
        passwd.append("nobody:x:65534:65534::/nonexistent:/usr/sbin/nologin")
        group = ["root:x:0:", "nogroup:x:65534:", "tty:x:5:", "shadow:x:42:"]
        self.home().mkdir(parents=True)
        for number, login in enumerate(LOGINS, start=2001):
            passwd.append(f"{login}:x:{number}:{number}::/home/{login}:/bin/bash")
            group.append(f"{login}:x:{number}:")
            self.home(login).mkdir(parents=True)
            shutil.chown(self.home(login), number, number)
        (self.etc / "passwd").write_text("\n".join(passwd) + "\n")
        (self.etc / "group").write_text("\n".join(group) + "\n")
        shadow = self.etc / "shadow"
        shadow.write_text("".join(f"{login}:{hashed}:19000:0:99999:7:::\n" for login in ("root", *LOGINS)))
        shadow.chmod(0o640)
