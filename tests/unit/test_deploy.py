"""What lies in deploy/: the manifests by Kubernetes' own schemas, rights by `rbac`. Programs read it in tests/rig."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import kubernetes_validate
import pytest
import yaml

from calico_bgp.causes.families import CAUSE_KINDS
from calico_bgp.cli.watch.monitor import command as monitor

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
MANIFESTS = DEPLOY / "kubernetes"
WATCHER = [document for document in yaml.safe_load_all((MANIFESTS / "watcher.yaml").read_text()) if document]
RBAC = list(yaml.safe_load_all((MANIFESTS / "rbac.yaml").read_text()))


def of_kind(kind):
    (found,) = (document for document in WATCHER if document["kind"] == kind)
    return found


@pytest.mark.parametrize("version", ["1.29", "1.34", "1.37"])
@pytest.mark.parametrize("document", [*WATCHER, *RBAC], ids=lambda one: f"{one['kind']}-{one['metadata']['name']}")
def test_kubernetes_knows_every_field(document, version):
    kubernetes_validate.validate(document, version, strict=True)


def test_a_slip_would_be_seen():
    wrong = {**of_kind("Deployment"), "spec": {**of_kind("Deployment")["spec"], "replica": 1}}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(wrong, "1.34", strict=True)


def test_its_rights_are_what_rbac_prints(run_cli):
    printed = run_cli("rbac", "--service-account", "calico-bgp/calico-bgp").stdout
    assert list(yaml.safe_load_all(printed)) == RBAC


def test_it_may_nothing_else_than_that():
    pod = of_kind("Deployment")["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert not {"hostNetwork", "hostPID", "hostIPC"} & pod.keys()
    written = {mount["mountPath"] for mount in container["volumeMounts"]}
    assert written == {"/var/lib/calico-bgp", "/tmp"}
    assert of_kind("Deployment")["spec"]["strategy"] == {"type": "Recreate"}


def words_of(text):
    """The words behind `calico-bgp` in a file of deploy/."""
    return re.search(r"calico-bgp (monitor .*)", text)[1].split()


@pytest.mark.parametrize("where", ["Deployment", "unit", "Containerfile"])
def test_the_command_line_is_one(where):
    if where == "Deployment":
        words = of_kind("Deployment")["spec"]["template"]["spec"]["containers"][0]["args"]
    elif where == "unit":
        words = words_of((DEPLOY / "systemd" / "calico-bgp.service").read_text().partition("ExecStart=")[2])
    else:
        line = re.search(r"^CMD (\[.*\])$", (DEPLOY / "container" / "Containerfile").read_text(), re.MULTILINE)[1]
        words = yaml.safe_load(line)
    assert words[0] == "monitor"
    # The file of settings is on the machine where it runs.
    monitor.make_context(
        "monitor", [word for word in words[1:] if "calico-bgp.toml" not in word and word != "--config"]
    )


def test_the_containerfile_says_that_nobody_built_it():
    assert "not built" in (DEPLOY / "container" / "Containerfile").read_text()


def test_the_links_of_the_alerts_lead_to_pages_wherever_they_are_published(tmp_path):
    """The command in the head of the file is run as it stands; `mkdocs build` makes a folder of each page."""
    rules = tmp_path / "calico-bgp.rules.yaml"
    rules.write_text((DEPLOY / "prometheus" / rules.name).read_text())
    (command,) = re.findall(r"^#   (sed .*)$", rules.read_text(), re.MULTILINE)
    subprocess.run(["sh", "-c", command.replace("YOUR.HOST", "wiki.example.net")], cwd=tmp_path, check=True)
    assert command in (ROOT / "docs" / "alerts.md").read_text()
    groups = yaml.safe_load(rules.read_text())["groups"]
    alerts = [rule for group in groups for rule in group["rules"] if "alert" in rule]
    assert alerts
    for alert in alerts:
        page, _, anchor = alert["annotations"]["runbook_url"].partition("#")
        folder = page.removeprefix("https://wiki.example.net/calico-bgp/").rstrip("/")
        pages = [folder.replace("{{ $labels.kind }}", kind) for kind in CAUSE_KINDS] if "{{" in folder else [folder]
        for one in pages:
            assert (ROOT / "docs" / f"{one}.md").is_file(), one
        assert not anchor or f"\n## {alert['alert']}\n" in (ROOT / "docs" / f"{folder}.md").read_text()
