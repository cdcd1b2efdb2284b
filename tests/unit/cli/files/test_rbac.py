"""The roles that `calico-bgp rbac` prints."""

import pytest
import yaml


def documents(done):
    assert done.exit_code == 0
    return list(yaml.safe_load_all(done.stdout))


def test_the_roles_alone(run_cli):
    found = documents(run_cli("rbac"))
    assert [(d["kind"], d["metadata"].get("namespace")) for d in found] == [
        ("ClusterRole", None),
        ("Role", "calico-system"),
        ("Role", "kube-system"),
    ]
    verbs = {
        verb for d in found for rule in d["rules"] for verb in rule["verbs"] if "pods/exec" not in rule["resources"]
    }
    assert verbs == {"get", "list"}, "it only reads"
    assert "&id" not in run_cli("rbac").stdout


def test_without_exec(run_cli):
    assert "pods/exec" in run_cli("rbac").stdout
    assert "pods/exec" not in run_cli("rbac", "--no-exec").stdout


def test_bound_to_somebody(run_cli):
    found = documents(run_cli("rbac", "--namespace", "net", "--user", "jane", "--service-account", "mon/watch"))
    bound = [d for d in found if d["kind"].endswith("Binding")]
    assert [d["subjects"][0]["name"] for d in bound] == ["jane", "jane", "watch", "watch"]
    assert bound[-1]["subjects"][0]["namespace"] == "mon"


@pytest.mark.parametrize("name", ["watch", "/watch", "mon/"])
def test_a_service_account_has_a_namespace(run_cli, name):
    assert run_cli("rbac", "--service-account", name).exit_code == 2
