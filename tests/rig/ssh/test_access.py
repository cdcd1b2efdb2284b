"""Logins, rights and odd nodes, on real sshd and sudo: what the audit reads, and what it says when it cannot."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from calico_bgp.lab.faults.fault import FaultKind
from tests.rig.faults import broken
from tests.rig.machines.cell import wait_for
from tests.rig.machines.node_files import PASSWORD
from tests.rig.machines.operator import Operator, of_node
from tests.rig.ssh.access import SOCKET_PROGRAMS, hidden, noisy_logins, outside_network, silent_sshd

pytestmark = pytest.mark.rig


def everyone(operator: Operator, *, login: str = "root", words: str = "") -> list[str]:
    """A hosts.txt with every node."""
    return [f"{login}@{node.ipv4} node={node.name} {words}".strip() for node in operator.rig.nodes.values()]


@contextmanager
def secret(text: str) -> Iterator[int]:
    """A file descriptor that a command can read a password from."""
    reader, writer = os.pipe()
    os.write(writer, f"{text}\n".encode())
    os.close(writer)
    try:
        yield reader
    finally:
        os.close(reader)


# How the table is asked for


@pytest.mark.parametrize("tool", ["birdc", "python3", "socat", "nc"])
def test_no_calicoctl(mesh_operator: Operator, tool: str):
    """BIRD's socket is asked with whatever the host has."""
    node = mesh_operator.rig["node2"]
    others = [name for name in SOCKET_PROGRAMS if name != tool]
    with broken(mesh_operator.rig, FaultKind.CALICOCTL_MISSING, "node2"), hidden(node, *others):
        audit = mesh_operator.audit()
    assert (audit.exit_code, audit.findings) == (0, set())
    assert audit.report is not None
    assert audit.report["checked"]["sessions_established"] == 12


def test_no_calicoctl_and_nothing_else(mesh_operator: Operator):
    node = mesh_operator.rig["node2"]
    with broken(mesh_operator.rig, FaultKind.CALICOCTL_MISSING, "node2"), hidden(node, *SOCKET_PROGRAMS):
        audit = mesh_operator.audit(hosts=everyone(mesh_operator))
    assert (audit.exit_code, audit.verdict) == (3, "unknown")
    assert audit.findings == of_node("node-unreadable", "node2")
    assert "socat" in audit.told("node-unreadable")


def test_calicoctl_elsewhere(mesh_operator: Operator):
    """`--calicoctl PATH`."""
    for node in mesh_operator.rig.nodes.values():
        node.cell.run("mkdir", "-p", "/run/tools")
        node.cell.run("cp", "/usr/local/bin/calicoctl", "/run/tools/calicoctl-real")
    with broken(mesh_operator.rig, FaultKind.CALICOCTL_HUNG, *mesh_operator.rig.nodes):
        audit = mesh_operator.audit("--calicoctl", "/run/tools/calicoctl-real")
    assert (audit.exit_code, audit.findings) == (0, set())


def test_a_command_that_hangs(mesh_operator: Operator):
    """It costs its deadline once, and no other node its answer."""
    with broken(mesh_operator.rig, FaultKind.CALICOCTL_HUNG, "node2"):
        audit = mesh_operator.audit("--timeout", "8s", hosts=everyone(mesh_operator))
    assert audit.exit_code == 3
    assert audit.findings == of_node("node-unreadable", "node2")
    assert "hung" in audit.told("node-unreadable")
    node = mesh_operator.rig["node2"]
    wait_for("nothing of it is left on the node", lambda: node.processes("sleep", "600") == [], seconds=10)


def test_a_server_that_accepts_and_never_speaks(mesh_operator: Operator):
    with silent_sshd(mesh_operator.rig["node3"]):
        audit = mesh_operator.audit("--connect-timeout", "3s", hosts=everyone(mesh_operator))
    assert audit.exit_code == 3
    assert audit.findings == of_node("node-unreadable", "node3")
    assert "first words" in audit.told("node-unreadable")


def test_noise_from_banners_and_rc_files(mesh_operator: Operator):
    with noisy_logins(mesh_operator.rig["node1"]):
        audit = mesh_operator.audit()
    assert (audit.exit_code, audit.findings) == (0, set())
    assert audit.report is not None
    assert audit.report["checked"]["sessions_established"] == 12


# Rights


def test_not_root_with_sudo(mesh_operator: Operator):
    audit = mesh_operator.audit(hosts=everyone(mesh_operator, login="alice"))
    assert (audit.exit_code, audit.findings) == (0, set())
    assert audit.report is not None
    assert audit.report["checked"]["sessions_established"] == 12


def test_not_root_and_sudo_forbids(mesh_operator: Operator):
    hosts = everyone(mesh_operator)[:3] + everyone(mesh_operator, login="bob")[3:]
    audit = mesh_operator.audit(hosts=hosts)
    assert audit.exit_code == 3
    assert audit.findings == of_node("node-unreadable", "node4")
    assert "NOPASSWD" in audit.told("node-unreadable")


def test_not_root_without_sudo(mesh_operator: Operator):
    hosts = everyone(mesh_operator)[:3] + everyone(mesh_operator, login="alice")[3:]
    with hidden(mesh_operator.rig["node4"], "sudo"):
        audit = mesh_operator.audit(hosts=hosts)
    assert audit.exit_code == 3
    assert audit.findings == of_node("node-unreadable", "node4")
    assert "no sudo" in audit.told("node-unreadable")


def test_sudo_wants_a_password(mesh_operator: Operator):
    audit = mesh_operator.audit(hosts=everyone(mesh_operator, login="carol"))
    assert audit.exit_code == 3
    assert "--ask-sudo-pass" in audit.told("node-unreadable")


def test_a_password_for_sudo(mesh_operator: Operator):
    """The login's key and sudo's password, which arrives on a file descriptor."""
    with secret(PASSWORD) as fd:
        hosts = everyone(mesh_operator, login="carol")
        audit = mesh_operator.audit("--sudo-pass-fd", str(fd), hosts=hosts, pass_fds=[fd])
    assert (audit.exit_code, audit.findings) == (0, set())


def test_a_wrong_password_for_sudo(mesh_operator: Operator):
    with secret("guess") as fd:
        hosts = everyone(mesh_operator, login="carol")
        audit = mesh_operator.audit("--sudo-pass-fd", str(fd), hosts=hosts, pass_fds=[fd])
    assert audit.exit_code == 3
    assert "sudo did not take the password" in audit.told("node-unreadable")
    assert "guess" not in audit.told("node-unreadable") + audit.stderr


# Host keys


def test_an_unknown_host_key(mesh_operator: Operator):
    """Strict refuses; accept-new takes it and writes it down, so that strict is content afterwards."""
    known = mesh_operator.known_hosts.read_text().splitlines()
    mesh_operator.known_hosts.write_text("\n".join(known[1:]) + "\n")
    refused = mesh_operator.audit()
    assert refused.exit_code == 3
    assert refused.findings == of_node("node-unreadable", "192.0.2.11")
    assert "host key is unknown" in refused.told("node-unreadable")
    accepted = mesh_operator.audit("--host-keys", "accept-new")
    assert (accepted.exit_code, accepted.findings) == (0, set())
    assert (mesh_operator.audit().exit_code, len(mesh_operator.known_hosts.read_text().splitlines())) == (0, 4)


@pytest.mark.parametrize("policy", ["strict", "accept-new"])
def test_a_changed_host_key(mesh_operator: Operator, policy: str):
    """The message says which line of which file; no policy lets it through."""
    with broken(mesh_operator.rig, FaultKind.HOST_KEY_CHANGED, "node3"):
        audit = mesh_operator.audit("--host-keys", policy, hosts=everyone(mesh_operator))
    assert audit.exit_code == 3
    assert audit.findings == of_node("node-unreadable", "node3")
    assert f"{mesh_operator.known_hosts}:3" in audit.told("node-unreadable")


# Proving who we are


@pytest.mark.parametrize("key", ["plain", "rsa", "ecdsa", "certified"])
def test_keys_and_a_certificate(mesh_operator: Operator, key: str):
    mesh_operator.configure_ssh("User root\nIdentitiesOnly yes\n")
    audit = mesh_operator.audit(hosts=everyone(mesh_operator, words=f"identity={mesh_operator.rig.keys.path(key)}"))
    assert (audit.exit_code, audit.findings) == (0, set())


def test_a_key_that_no_node_knows(mesh_operator: Operator):
    mesh_operator.configure_ssh(f"User root\nIdentityFile {mesh_operator.rig.keys.path('stranger')}\n")
    audit = mesh_operator.audit()
    assert audit.exit_code == 3
    assert {rule for rule, _ in audit.findings} == {"node-unreadable"}


def test_a_password(mesh_operator: Operator):
    mesh_operator.configure_ssh("User root\nIdentitiesOnly yes\n")
    with secret(PASSWORD) as fd:
        audit = mesh_operator.audit("--pass-fd", str(fd), pass_fds=[fd])
    assert (audit.exit_code, audit.findings) == (0, set())


def test_a_wrong_password(mesh_operator: Operator):
    mesh_operator.configure_ssh("User root\nIdentitiesOnly yes\n")
    with secret("guess") as fd:
        audit = mesh_operator.audit("--pass-fd", str(fd), pass_fds=[fd])
    assert audit.exit_code == 3
    assert {rule for rule, _ in audit.findings} == {"node-unreadable"}


def test_a_passphrase_is_asked_once(mesh_operator: Operator):
    """On the terminal, once for all nodes; it never shows."""
    mesh_operator.configure_ssh(f"User root\nIdentityFile {mesh_operator.rig.keys.path('encrypted')}\n")
    audit, terminal = mesh_operator.audit_at_terminal(PASSWORD)
    assert (audit.exit_code, audit.findings) == (0, set())
    assert terminal.count("Passphrase of") == 1
    assert PASSWORD not in terminal


def test_a_password_is_asked_for(mesh_operator: Operator):
    mesh_operator.configure_ssh("User root\nIdentitiesOnly yes\n")
    audit, terminal = mesh_operator.audit_at_terminal(PASSWORD, "--ask-pass")
    assert (audit.exit_code, audit.findings) == (0, set())
    assert PASSWORD not in terminal


# Jump hosts


@pytest.mark.parametrize("by", ["hosts.txt", "ssh_config"])
def test_through_a_jump_host(mesh_operator: Operator, by: str):
    """The bastion is on another network; only node1 has a foot in both."""
    rig = mesh_operator.rig
    known = mesh_operator.known_hosts
    with outside_network(rig, rig["node1"], mesh_operator.home / "outside.log") as outside:
        mesh_operator.cell = outside
        known.write_text(f"{known.read_text()}198.51.100.1 {rig['node1'].files.host_key()}\n")
        if by == "ssh_config":
            config = mesh_operator.home / ".ssh" / "config"
            config.write_text(f"Host 192.0.2.*\n  ProxyJump root@198.51.100.1\n\nHost *\n  {config.read_text()}")
            audit = mesh_operator.audit()
        else:
            audit = mesh_operator.audit(hosts=everyone(mesh_operator, words="jump=root@198.51.100.1"))
    assert (audit.exit_code, audit.findings) == (0, set())
    assert audit.report is not None
    assert audit.report["checked"]["sessions_established"] == 12


def test_a_jump_host_that_is_off(mesh_operator: Operator):
    """Every node behind it is unread, and the message names the jump host."""
    hosts = everyone(mesh_operator, words="jump=root@192.0.2.99")
    audit = mesh_operator.audit("--connect-timeout", "4s", hosts=hosts)
    assert audit.exit_code == 3
    assert "192.0.2.99" in audit.told("node-unreadable")
