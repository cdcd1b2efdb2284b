"""The command that asks for Calico's resources, in real shells on a host of stand-ins: which programs, as whom."""

from __future__ import annotations

import json
import os
import shutil
import subprocess

import pytest

from calico_bgp.errors import CommandFailed, GatherTimeout
from calico_bgp.sources.resources.answer import Fetched, fetched_from
from calico_bgp.sources.resources.command import KINDS, ROUTE_KINDS, resources_command
from tests.unit.sources.fake_host import MARKER, FakeHost

#: Notes how it was called, and answers as Calico would: one object of the kind that was asked for.
ANSWER = """\
echo "${0##*/} $*" >> "${0%/*}/../calls"
echo "{\\"kind\\": \\"List\\", \\"items\\": [{\\"metadata\\": {\\"name\\": \\"${0##*/} $2\\"}}]}"
"""


def fetch(host: FakeHost, *, stdin: str = "", password: bool = False, **environment: str) -> Fetched:
    command = resources_command(MARKER, sudo_password=password, seconds=1)
    text = host.text(command, stdin=stdin, **environment)
    return fetched_from(text, MARKER, name="cp1", cut=None)


def calls(host: FakeHost) -> list[str]:
    path = host.folder / "calls"
    return path.read_text().splitlines() if path.exists() else []


def names(fetched: Fetched) -> dict[str, str]:
    """File name → the name of its one object, which says who printed it."""
    return {name: json.loads(text)["items"][0]["metadata"]["name"] for name, text in fetched.texts}


def as_user(host: FakeHost, *, sudo: str = 'shift; exec "$@"') -> None:
    host.program("id", "echo 1000")
    host.program("sudo", f'echo "sudo $*" >> "${{0%/*}}/../calls"\n{sudo}')


def failing(host: FakeHost, name: str, said: str) -> None:
    host.program(name, f'echo "${{0##*/}} $*" >> "${{0%/*}}/../calls"; echo "{said}" >&2; exit 1')


def test_calicoctl_is_asked_for_every_kind(host: FakeHost) -> None:
    host.program("calicoctl", ANSWER)
    host.program("kubectl", ANSWER)
    fetched = fetch(host)
    assert calls(host) == [f"calicoctl get {kind} -o json" for kind in (*KINDS, *ROUTE_KINDS)]
    assert names(fetched) == {f"{kind}.json": f"calicoctl {kind}" for kind in (*KINDS, *ROUTE_KINDS)}
    assert fetched.warning is None


def test_kubectl_is_asked_for_calicos_api(host: FakeHost) -> None:
    host.program("kubectl", ANSWER)
    assert set(names(fetch(host))) == {f"{kind}.json" for kind in (*KINDS, *ROUTE_KINDS)}
    assert calls(host) == [
        "kubectl get bgpconfigurations.projectcalico.org -o json",
        "kubectl get bgppeers.projectcalico.org -o json",
        "kubectl get ippools.projectcalico.org -o json",
        "kubectl get nodes -o json",
        "kubectl get bgpfilters.projectcalico.org -o json",
        "kubectl get felixconfigurations.projectcalico.org -o json",
        "kubectl get blockaffinities.projectcalico.org -o json",
    ]


def test_block_affinities_are_asked_of_kubectl_where_calicoctl_does_not_know_them(host: FakeHost) -> None:
    unknown = """case $2 in blockaff*) echo "resource type 'blockaffinities' is not supported" >&2; exit 1;; esac\n"""
    host.program("calicoctl", unknown + ANSWER)
    host.program("kubectl", ANSWER)
    fetched = fetch(host)
    assert names(fetched)["blockaffinities.json"] == "kubectl blockaffinities.projectcalico.org"
    assert names(fetched)["nodes.json"] == "calicoctl nodes"
    assert fetched.warning is None


def test_kinds_that_an_older_calico_lacks_cost_nothing(host: FakeHost) -> None:
    lacks = (
        "case $2 in bgpfilters*|blockaff*|felix*) echo 'error: the server does not have a resource type' >&2; exit 1;"
    )
    host.program("kubectl", f"{ANSWER}{lacks} esac")
    fetched = fetch(host)
    assert set(names(fetched)) == {f"{kind}.json" for kind in KINDS}
    assert fetched.warning is None
    assert "kubectl get bgpfilters.crd.projectcalico.org -o json" in calls(host)


def test_that_routes_are_not_known_for_want_of_a_right_is_told(host: FakeHost) -> None:
    refuses = (
        """case $2 in blockaff*) echo 'Error from server (Forbidden): blockaffinities is forbidden' >&2; exit 1;"""
    )
    host.program("kubectl", f"{refuses} esac\n{ANSWER}")
    fetched = fetch(host)
    assert "blockaffinities.json" not in names(fetched)
    said = "blockaffinities (Error from server (Forbidden): blockaffinities is forbidden)"
    assert fetched.warning == f"not read on cp1: {said}"


def test_kubectl_is_asked_for_the_crds_where_the_api_is_not_served(host: FakeHost) -> None:
    host.program(
        "kubectl",
        'case $2 in *s.projectcalico.org) echo "error: the server does not have a resource type" >&2; exit 1;; esac\n'
        + ANSWER,
    )
    assert names(fetch(host))["bgppeers.json"] == "kubectl bgppeers.crd.projectcalico.org"


@pytest.mark.parametrize("program", ["k3s", "microk8s"])
def test_a_kubectl_inside_another_program(host: FakeHost, program: str) -> None:
    host.program(program, f'[ "$1" = kubectl ] || exit 1; shift\n{ANSWER}')
    assert names(fetch(host))["nodes.json"] == f"{program} nodes"


def test_a_calicoctl_that_cannot_reach_its_datastore_leaves_kubectl(host: FakeHost) -> None:
    failing(host, "calicoctl", "Failed to create Calico API client: invalid configuration")
    host.program("kubectl", ANSWER)
    assert names(fetch(host))["nodes.json"] == "kubectl nodes"
    assert calls(host)[0] == "calicoctl get bgpconfigurations -o json"


def test_half_of_the_kinds_is_not_mixed_with_another_programs(host: FakeHost) -> None:
    host.program("calicoctl", f'[ "$2" = nodes ] && exit 1\n{ANSWER}')
    host.program("kubectl", ANSWER)
    assert all(name.startswith("kubectl ") for name in names(fetch(host)).values())


OTHER_RELEASE = "Version mismatch.\nClient Version:   v3.20.0\nUse --allow-version-mismatch to override."


def test_kubectl_comes_before_a_calicoctl_of_another_release(host: FakeHost) -> None:
    failing(host, "calicoctl", OTHER_RELEASE)
    host.program("kubectl", ANSWER)
    fetched = fetch(host)
    assert names(fetched)["nodes.json"] == "kubectl nodes"
    assert fetched.warning is None


def test_a_calicoctl_of_another_release_is_better_than_none_and_is_told(host: FakeHost) -> None:
    host.program("calicoctl", f'case "$*" in *--allow-*) ;; *) echo "{OTHER_RELEASE}" >&2; exit 1;; esac\n{ANSWER}')
    fetched = fetch(host)
    assert calls(host) == [f"calicoctl get {kind} -o json --allow-version-mismatch" for kind in (*KINDS, *ROUTE_KINDS)]
    assert fetched.warning is not None
    assert "another release" in fetched.warning


def test_the_login_is_asked_before_sudo(host: FakeHost) -> None:
    as_user(host)
    host.program("calicoctl", ANSWER)
    fetch(host)
    assert not any(call.startswith("sudo") for call in calls(host))


def test_sudo_is_tried_where_the_login_may_not(host: FakeHost) -> None:
    as_user(host, sudo='shift; ROOT=1 exec "$@"')
    host.program("calicoctl", f'[ -n "$ROOT" ] || {{ echo "permission denied" >&2; exit 1; }}\n{ANSWER}')
    assert names(fetch(host))["nodes.json"] == "calicoctl nodes"
    assert f"sudo -n {host.folder}/bin/calicoctl get nodes -o json" in calls(host)


def test_the_sudo_password_goes_through_stdin_only_and_a_wrong_one_is_tried_once(host: FakeHost) -> None:
    as_user(
        host,
        sudo='IFS= read -r p; [ "$p" = right ] || { echo "sudo: 1 incorrect password attempt" >&2; exit 1; }\n'
        '[ "$4" = -v ] || { shift 3; ROOT=1 exec "$@"; }',
    )
    host.program("calicoctl", f'[ -n "$ROOT" ] || {{ echo "permission denied" >&2; exit 1; }}\n{ANSWER}')
    assert names(fetch(host, stdin="right\n", password=True))["nodes.json"] == "calicoctl nodes"
    assert "right" not in "\n".join(calls(host))
    (host.folder / "calls").unlink()
    with pytest.raises(CommandFailed, match="sudo did not take the password"):
        fetch(host, stdin="wrong\n", password=True)
    assert [call for call in calls(host) if call.startswith("sudo")] == ["sudo -S -p  -v"]


def test_the_logins_own_environment_stays(host: FakeHost) -> None:
    host.program("calicoctl", f'[ "$DATASTORE_TYPE $KUBECONFIG" = "kubernetes /k" ] || exit 1\n{ANSWER}')
    assert fetch(host, DATASTORE_TYPE="kubernetes", KUBECONFIG="/k").texts


def test_the_kubeconfig_of_kubeadm_is_found(host: FakeHost) -> None:
    host.file("/etc/kubernetes/admin.conf", "")
    host.program("kubectl", f'[ "$KUBECONFIG" = {host.folder}/etc/kubernetes/admin.conf ] || exit 1\n{ANSWER}')
    assert fetch(host).texts
    host.file("/home/.kube/config", "")
    host.program("kubectl", f'[ -z "$KUBECONFIG" ] || exit 1\n{ANSWER}')
    assert fetch(host).texts


def test_neither_program(host: FakeHost) -> None:
    with pytest.raises(CommandFailed, match="neither calicoctl nor kubectl on cp1") as caught:
        fetch(host)
    assert "--resources" in str(caught.value.hint)


@pytest.mark.parametrize(
    ("said", "hint"),
    [
        ('Error from server (Forbidden): bgppeers is forbidden: User \\"ann\\" cannot list resource', "ClusterRole"),
        ("The connection to the server localhost:8080 was refused - did you specify the right host?", "kubeconfig"),
        ("error: the server doesn't have a resource type", "is Calico installed"),
        ("something else", "by hand"),
    ],
)
def test_why_not_is_told_with_what_to_do(host: FakeHost, said: str, hint: str) -> None:
    failing(host, "kubectl", said)
    with pytest.raises(CommandFailed, match="kubectl get bgpconfigurations") as caught:
        fetch(host)
    assert said.replace("\\", "")[:60] in caught.value.message
    assert hint in str(caught.value.hint)


def test_what_is_no_json_is_told(host: FakeHost) -> None:
    host.program("calicoctl", 'if [ "$2" = ippools ]; then echo "NAME CIDR"; else echo "[]"; fi')
    with pytest.raises(CommandFailed, match="get ippools -o json printed no JSON, but: NAME CIDR"):
        fetch(host)


def test_a_hung_program_is_ended(host: FakeHost) -> None:
    host.program("calicoctl", "exec sleep 30")
    with pytest.raises(GatherTimeout, match="it did not come back"):
        fetch(host)


def test_a_flood_on_standard_error_stays_on_the_host(host: FakeHost) -> None:
    host.program("calicoctl", "head -c 3000000 /dev/zero | tr '\\0' e >&2; echo the end >&2; exit 1")
    host.use("tr")
    assert len(host.text(resources_command(MARKER, seconds=5))) < 10_000


def test_nothing_on_stdin_and_no_file(host: FakeHost) -> None:
    host.program("calicoctl", '[ -z "$(cat)" ] || exit 1; echo "[]"')
    before = sorted(host.folder.rglob("*"))
    assert fetch(host, stdin="secret\n").texts
    assert sorted(host.folder.rglob("*")) == before


@pytest.mark.parametrize("sudo_password", [False, True])
@pytest.mark.parametrize("shell", ["bash", "dash", "tcsh", "fish", "zsh", "mksh", "ksh"])
def test_every_login_shell_passes_the_script_on_unchanged(shell: str, sudo_password: bool) -> None:
    program = shutil.which(shell)
    if program is None:
        pytest.skip(f"needs {shell}")
    command = resources_command(MARKER, sudo_password=sudo_password)
    done = subprocess.run(
        [program, "-c", command.replace("sh -c", "printf %s", 1)],
        capture_output=True,
        text=True,
        timeout=20,
        check=True,
        env={"PATH": os.environ["PATH"], "HOME": "/nonexistent"},
    )
    assert done.stdout == command.removeprefix("sh -c '").removesuffix("'")


@pytest.mark.parametrize("path", ["calico ctl", "$(reboot)", "a;b", "a'b", "-h"])
def test_a_path_that_a_shell_would_read_is_refused(path: str) -> None:
    with pytest.raises(ValueError, match="calicoctl's path"):
        resources_command(MARKER, calicoctl=path)
