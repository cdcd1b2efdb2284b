"""Which private key files a host needs, and which of them are encrypted. Files are looked at, keys are not loaded."""

from __future__ import annotations

import base64
import binascii
import os
from collections.abc import Iterable
from pathlib import Path

from calico_bgp.model.inventory import Host
from calico_bgp.sources.ssh.client_config.settings import SSHConfig, SSHHostSettings
from calico_bgp.sources.ssh.options import SSHOptions
from calico_bgp.store.bounded import MEGABYTE, read_bounded

#: What ssh tries where nobody names a key (ssh_config(5), IdentityFile), without the types that paramiko has not.
DEFAULT_IDENTITIES = ("id_ed25519", "id_ecdsa", "id_rsa")
_OPENSSH = "-----BEGIN OPENSSH PRIVATE KEY-----"


def settings_of(host: Host, options: SSHOptions, config: SSHConfig) -> SSHHostSettings:
    """What applies to a host: hosts.txt, then the options, then the ssh configuration."""
    return config.resolve(host.name, user=host.user or options.user, port=host.port)


def named_files(host: Host, options: SSHOptions) -> tuple[Path, ...]:
    """The key files that hosts.txt names for a host, else those of the options."""
    return (Path(host.identity).expanduser(),) if host.identity else options.identities


def configured_files(settings: SSHHostSettings) -> tuple[Path, ...]:
    """The key files where neither hosts.txt nor the options name one: ssh_config's, else ssh's usual ones."""
    if settings.identity_files is not None:
        return settings.identity_files
    folder = Path(os.path.expanduser("~/.ssh"))  # noqa: PTH111 - Path.home() raises where there is no home
    return tuple(path for name in DEFAULT_IDENTITIES if os.path.exists(path := folder / name))  # noqa: PTH110 - Path.exists() raises behind a folder of others


def any_encrypted(hosts: Iterable[Host], options: SSHOptions, config: SSHConfig) -> bool:
    """Whether some key file of these hosts is encrypted."""
    files: set[Path] = set()
    for host in hosts:
        files.update(named_files(host, options) or configured_files(settings_of(host, options, config)))
    return any(looks_encrypted(path) for path in files)


def looks_encrypted(path: Path) -> bool:
    """Whether a private key wants a passphrase; False for a file that cannot be read.

    OpenSSH's own format names its cipher behind the magic word (PROTOCOL.key); PEM and PKCS #8 say ENCRYPTED.
    """
    try:
        text = read_bounded(path, limit=MEGABYTE).decode("ascii", "replace")
    except OSError:
        return False
    if _OPENSSH not in text:
        return "ENCRYPTED" in text
    try:
        data = base64.b64decode("".join(text.partition(_OPENSSH)[2].partition("-----END")[0].split())[:64])
    except binascii.Error:
        return False
    return data.startswith(b"openssh-key-v1\0") and data[15:23] != b"\0\0\0\4none"
