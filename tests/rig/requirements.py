"""What the rig needs of the machine. The one place that decides whether the tests marked `rig` can run."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from functools import cache

#: Program -> the Debian package that has it.
PROGRAMS = {
    "bird": "bird",
    "bird6": "bird",
    "birdc": "bird",
    "sshd": "openssh-server",
    "ssh": "openssh-client",
    "ssh-keygen": "openssh-client",
    "ip": "iproute2",
    "iptables": "iptables",
    "ip6tables": "iptables",
    "sudo": "sudo",
    "openssl": "openssl",
    "bash": "bash",
    "python3": "python3",
    "socat": "socat",
    "nc": "netcat-openbsd",
    "prometheus": "prometheus",
    "promtool": "prometheus",
    "prometheus-alertmanager": "prometheus-alertmanager",
    "systemd-analyze": "systemd",
    "nsenter": "util-linux",
    "unshare": "util-linux",
}

#: Debian keeps daemons here, which is not in everybody's PATH.
SBIN = "/usr/local/sbin:/usr/sbin:/sbin"


def program(name: str) -> str:
    """The full path of a program, or its bare name when it is not installed."""
    return shutil.which(name, path=f"{os.environ.get('PATH', os.defpath)}:{SBIN}") or name


@cache
def missing() -> tuple[str, ...]:
    """What this machine lacks, in words; empty when the rig can run."""
    if sys.platform != "linux":
        return ("Linux (network namespaces)",)
    lacks = [f"{name} (package {package})" for name, package in PROGRAMS.items() if program(name) == name]
    if os.geteuid() != 0:
        lacks.insert(0, "root")
    elif not lacks:
        lacks += _unsuitable()
    return tuple(lacks)


def _unsuitable() -> list[str]:
    version = subprocess.run([program("bird"), "--version"], capture_output=True, text=True, check=False)
    answer = version.stdout + version.stderr
    if "version 1.6" not in answer:
        return [f"BIRD 1.6, as Calico has it (this is {answer.strip() or 'unknown'})"]
    # A container may be root and yet not allowed to make namespaces.
    try_out = [program("unshare"), "--net", "--mount", "--pid", "--fork", "--uts", "--ipc", "--mount-proc"]
    commands = (
        "mount -t tmpfs tmpfs /run && ip link add r0 type veth peer name r1 && iptables -A INPUT -s 192.0.2.1 -j DROP"
    )
    tried = subprocess.run([*try_out, "sh", "-c", commands], capture_output=True, text=True, check=False)
    if tried.returncode != 0:
        return [f"the right to make namespaces, links and filters ({tried.stderr.strip()})"]
    return []
