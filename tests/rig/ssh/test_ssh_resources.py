"""Calico's resources from a real login: stand-ins of calicoctl and kubectl that print a fixture, and trouble."""

from __future__ import annotations

import contextlib
import json
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from calico_bgp.errors import AuthenticationFailed, CommandFailed, GatherTimeout, HostUnreachable
from calico_bgp.model.inventory import Host
from calico_bgp.model.resources import Resources
from calico_bgp.parse.resources.reader import parse_resources
from calico_bgp.sources.resources.command import KINDS
from calico_bgp.sources.ssh.gatherer import SSHGatherer
from calico_bgp.store.snapshot_folder import load_snapshot
from tests.rig.machines.operator import Operator
from tests.rig.ssh.node_of_capture import CALICOCTL, SSHNode, make_node
from tests.rig.ssh.sshd import TemporaryUser, free_port, public_folder, script, temporary_user

pytestmark = pytest.mark.rig

CASE = Path(__file__).parents[2] / "fixtures/resources/docs-route-reflectors"
#: Prints the file of a kind; kubectl names the kind with its group.
PRINTS = """#!/bin/sh
[ "$1 $3 $4" = "get -o json" ] || {{ echo "Invalid option" >&2; exit 1; }}
cat {folder}/resources/${{2%%.*}}.json
"""
#: For root alone, as where only root has a kubeconfig.
FOR_ROOT = PRINTS.replace(
    "[ ", '[ "$(id -u)" = 0 ] || {{ echo "stat /root/.kube/config: permission denied" >&2; exit 1; }}\n[ ', 1
)
#: This machine's own kubectl must not be asked.
NO_CLUSTER = "#!/bin/sh\necho 'The connection to the server localhost:8080 was refused' >&2; exit 1\n"


@pytest.fixture(scope="module")
def node() -> Iterator[SSHNode]:
    with public_folder() as folder:
        node = make_node(folder, calicoctl=None)
        items = [item for file in sorted(CASE.glob("*.yaml")) for item in yaml.safe_load_all(file.read_text())]
        (folder / "resources").mkdir()
        for kind in KINDS:
            those = [item for item in items if f"{item['kind']}s".lower() == kind]
            document = {"kind": "List", "apiVersion": "v1", "items": those}
            (folder / f"resources/{kind}.json").write_text(json.dumps(document, indent=2))
        with node.sshd:
            yield node


@pytest.fixture(autouse=True)
def as_new(node: SSHNode) -> None:
    """Each test may change the stand-ins and the home."""
    for folder in ("home", "bin"):
        (node.folder / folder).mkdir(exist_ok=True)
        for path in (node.folder / folder).iterdir():
            path.unlink()
    script(node.folder / "bin/calicoctl", PRINTS.format(folder=node.folder))
    script(node.folder / "bin/kubectl", NO_CLUSTER)


@pytest.fixture
def user(node: SSHNode) -> Iterator[Callable[..., TemporaryUser]]:
    """`user(sudoers=..., shell=...)`: a user without root rights, who logs in with the node's key."""
    with contextlib.ExitStack() as stack:

        def make(**options: str | None) -> TemporaryUser:
            return stack.enter_context(temporary_user(node.folder / "home", **options))  # type: ignore[arg-type]

        yield make


def fetch(node: SSHNode, *, host: Host | None = None, **changes: Any) -> Resources:
    gatherer = SSHGatherer(node.options(**changes))
    return parse_resources(gatherer.fetch_resources(host or node.host).texts)


def expected() -> tuple[int, int]:
    files = [(str(file), file.read_text()) for file in sorted(CASE.glob("*.yaml"))]
    resources = parse_resources(files)
    return len(resources.nodes), len(resources.bgp_peers)


def counted(resources: Resources) -> tuple[int, int]:
    return len(resources.nodes), len(resources.bgp_peers)


def test_calicoctl_prints_them(node: SSHNode) -> None:
    assert min(expected()) > 0
    assert counted(fetch(node)) == expected()


def test_kubectl_prints_them(node: SSHNode) -> None:
    (node.folder / "bin/calicoctl").unlink()
    script(node.folder / "bin/kubectl", PRINTS.format(folder=node.folder))
    assert counted(fetch(node)) == expected()


def test_neither_program(mesh_operator: Operator) -> None:
    """On a node of the rig, whose own mounts hide the programs that this machine has."""
    node = mesh_operator.rig["node1"]
    found = [path for name in ("calicoctl", "kubectl", "k3s", "microk8s") if (path := shutil.which(name))]
    node.remove_calicoctl()
    for path in found:
        node.cell.run("mount", "--bind", "/dev/null", path)
    try:
        done = mesh_operator.run("gather", mesh_operator.hosts(), "-o", "saved", "--resources-from", node.ipv4)
    finally:
        for path in found:
            node.cell.run("umount", path)
        node.install_calicoctl()
    assert done.returncode == 3
    assert f"neither calicoctl nor kubectl on {node.ipv4}" in done.stderr
    assert load_snapshot(mesh_operator.home / "saved").resources is None


@pytest.mark.parametrize("shell", ["bash", "dash", "tcsh", "fish", "zsh", "mksh"])
def test_login_shells(node: SSHNode, user: Callable[..., TemporaryUser], shell: str) -> None:
    path = shutil.which(shell)
    if path is None:
        pytest.skip(f"needs {shell}")
    assert counted(fetch(node, user=user(shell=path).name)) == expected()


def test_a_login_shell_that_refuses_is_told(node: SSHNode, user: Callable[..., TemporaryUser]) -> None:
    with pytest.raises(CommandFailed, match="This account is currently not available"):
        fetch(node, user=user(shell="/usr/sbin/nologin").name)


def test_chatter_of_rc_files_is_left_out(node: SSHNode, user: Callable[..., TemporaryUser]) -> None:
    (node.folder / "home/.bashrc").write_text("echo '[{]'; echo oops >&2; printf 'no newline'; trap 'echo bye' EXIT\n")
    assert counted(fetch(node, user=user(shell="/bin/bash").name)) == expected()


def test_the_sudoers_lines_of_the_docs_are_enough(node: SSHNode, user: Callable[..., TemporaryUser]) -> None:
    """docs/ssh.md: USER ALL=(root) NOPASSWD: /usr/local/bin/calicoctl get nodes -o json, ..."""
    script(node.folder / "bin/calicoctl", FOR_ROOT.format(folder=node.folder))
    line = ", ".join(f"{node.folder}/bin/calicoctl get {kind} -o json" for kind in KINDS)
    assert counted(fetch(node, user=user(sudoers=f"ALL=(root) NOPASSWD: {line}").name)) == expected()


def test_sudo_gets_its_password(node: SSHNode, user: Callable[..., TemporaryUser]) -> None:
    script(node.folder / "bin/calicoctl", FOR_ROOT.format(folder=node.folder))
    someone = user(sudoers="ALL=(root) ALL")
    assert counted(fetch(node, user=someone.name, sudo_password=someone.password)) == expected()
    assert someone.password not in node.sshd.log
    with pytest.raises(CommandFailed, match="sudo did not take the password"):
        fetch(node, user=someone.name, sudo_password="wrong")


def test_no_sudo_right_is_told(node: SSHNode, user: Callable[..., TemporaryUser]) -> None:
    script(node.folder / "bin/calicoctl", FOR_ROOT.format(folder=node.folder))
    with pytest.raises(CommandFailed, match="permission denied") as caught:
        fetch(node, user=user().name)
    assert "sudo" in caught.value.message
    assert caught.value.hint is not None


def test_kubectl_that_may_not_list_is_told(node: SSHNode) -> None:
    (node.folder / "bin/calicoctl").unlink()
    words = 'Error from server (Forbidden): bgppeers.projectcalico.org is forbidden: User "ann" cannot list resource'
    script(node.folder / "bin/kubectl", f"#!/bin/sh\necho '{words}' >&2; exit 1\n")
    with pytest.raises(CommandFailed, match="cannot list resource") as caught:
        fetch(node)
    assert "ClusterRole" in str(caught.value.hint)


@pytest.mark.parametrize("output", ["echo NAME", "true", "echo '{\"kind\": '", "head -c 100000 /dev/urandom"])
def test_garbage_is_told(node: SSHNode, output: str) -> None:
    script(node.folder / "bin/calicoctl", f"#!/bin/sh\n{output}\n")
    with pytest.raises(CommandFailed, match="printed no JSON"):
        fetch(node)


def test_a_large_cluster_fits(node: SSHNode) -> None:
    """More than the output of a node may be."""
    kept = {"apiVersion": "v1", "kind": "Node", "status": {"images": ["x" * 4000]}}
    items = [kept | {"metadata": {"name": f"node{number}"}} for number in range(4000)]
    (node.folder / "large.json").write_text(json.dumps({"kind": "List", "apiVersion": "v1", "items": items}))
    large = PRINTS.replace("cat ", 'if [ "$2" = nodes ]; then exec cat {folder}/large.json; fi\ncat ')
    script(node.folder / "bin/calicoctl", large.format(folder=node.folder))
    assert len(fetch(node).nodes) == 4000


def test_a_flood_is_cut_off(node: SSHNode) -> None:
    script(node.folder / "bin/calicoctl", "#!/bin/sh\nexec yes '[['\n")
    with pytest.raises(CommandFailed, match="more than 976 KiB came"):
        fetch(node, resources_limit=1_000_000)


def test_a_hung_program_is_ended(node: SSHNode) -> None:
    for program in ("calicoctl", "kubectl"):
        script(node.folder / "bin" / program, "#!/bin/sh\nexec sleep 60\n")
    with pytest.raises(GatherTimeout, match="get bgpconfigurations -o json: it did not come back"):
        fetch(node, command_timeout=1.0)


def test_what_comes_too_slowly_is_told(node: SSHNode) -> None:
    """Without `timeout` on the host it is our own deadline that counts."""
    script(node.folder / "bin/timeout", "#!/bin/sh\nexit 1\n")
    script(node.folder / "bin/calicoctl", "#!/bin/sh\necho '{'; while sleep 0.2; do echo ' '; done\n")
    with pytest.raises(GatherTimeout, match="get bgpconfigurations -o json: it did not come back"):
        fetch(node, command_timeout=0.5)


def test_who_cannot_log_in_or_is_not_there(node: SSHNode) -> None:
    with pytest.raises(AuthenticationFailed):
        fetch(node, identities=())
    with pytest.raises(HostUnreachable):
        fetch(node, host=Host("127.0.0.1", port=free_port()), attempts=1)


def test_gather_saves_them_beside_the_readings(node: SSHNode, tmp_path: Path, run_cli: Callable[..., Any]) -> None:
    both = CALICOCTL.replace("case ", f"case $1 in get) exec cat {node.folder}/resources/$2.json; esac\ncase ", 1)
    script(node.folder / "bin/calicoctl", both)
    (tmp_path / "hosts.txt").write_text(f"root@{node.host.label} node=cp1\n")
    options = ("-i", node.key, "--known-hosts", node.known_hosts, "--ssh-config", "none", "--no-agent")
    result = run_cli("gather", tmp_path / "hosts.txt", "-o", tmp_path / "s", "--resources-from", "cp1", *options)
    assert result.exit_code == 0, result.stderr
    snapshot = load_snapshot(tmp_path / "s")
    assert snapshot.resources is not None
    assert counted(snapshot.resources) == expected()
    assert snapshot.readings[0].peers
    assert [name for name, _ in snapshot.resources_raw] == [f"{kind}.json" for kind in KINDS]


def test_nothing_is_left_behind(node: SSHNode) -> None:
    before = threading.active_count()
    fetch(node)
    assert threading.active_count() == before
