"""kubeconfig files, as kubectl reads them."""

import base64
import json
import os
from pathlib import Path

import pytest

from calico_bgp.errors import ConfigError
from calico_bgp.sources.kubernetes.connection.in_cluster import in_cluster_access
from calico_bgp.sources.kubernetes.connection.kubeconfig import kubeconfig_files, load_kubeconfig

BASE = """
apiVersion: v1
kind: Config
current-context: prod
clusters:
- name: prod
  cluster: {server: "https://192.0.2.1:6443/", certificate-authority: ca.crt, CLUSTER}
users:
- name: admin
  user: {USER}
contexts:
- name: prod
  context: {cluster: prod, user: admin}
- name: broken
  context: {cluster: gone, user: admin}
"""


def config(folder, user="token: secret", cluster="x: y", name="config"):
    path = folder / name
    path.write_text(BASE.replace("USER", user).replace("CLUSTER", cluster))
    return path


def test_the_current_context_with_a_token(tmp_path):
    access = load_kubeconfig([config(tmp_path)]).access()
    assert access.context == "prod"
    assert access.server == "https://192.0.2.1:6443"
    assert access.ca_file == tmp_path / "ca.crt", "relative paths count from the file"
    assert access.token == "secret"
    assert access.needs_kubectl is None
    assert "secret" not in repr(access)


def test_inline_data_is_decoded_and_not_shown(tmp_path):
    data = base64.b64encode(b"-----BEGIN PRIVATE KEY-----").decode()
    access = load_kubeconfig([config(tmp_path, f"client-key-data: {data}, client-certificate-data: {data}")]).access()
    assert access.key_data == b"-----BEGIN PRIVATE KEY-----"
    assert "PRIVATE" not in repr(access)


@pytest.mark.parametrize(
    ("user", "cluster", "reason"),
    [
        ("exec: {command: /usr/bin/aws-iam-authenticator}", "x: y", "the plugin aws-iam-authenticator"),
        ("auth-provider: {name: oidc}", "x: y", "oidc"),
        ("username: a, password: b", "x: y", "a name and a password"),
        ("token: t, as: somebody", "x: y", "somebody else"),
        ("token: t", "proxy-url: socks5://192.0.2.9:1080", "socks5"),
    ],
)
def test_what_is_kubectls_business(tmp_path, user, cluster, reason):
    assert reason in load_kubeconfig([config(tmp_path, user, cluster)]).access().needs_kubectl


def test_a_plain_http_proxy_and_the_servers_name_are_ours(tmp_path):
    access = load_kubeconfig(
        [config(tmp_path, cluster="proxy-url: 'http://u:p@192.0.2.9:3128', tls-server-name: kube.example")]
    ).access()
    assert access.needs_kubectl is None
    assert access.tls_server_name == "kube.example"
    assert "u:p" not in repr(access)


def test_of_several_files_the_first_that_says_something_wins(tmp_path):
    first = tmp_path / "first"
    first.write_text(
        "users: [{name: admin, user: {token: first}}]\ncontexts: [{name: other, context: {cluster: prod, user: admin}}]"
    )
    second = config(tmp_path, "token: second")
    found = load_kubeconfig([tmp_path / "missing", first, second])
    assert found.contexts == ("broken", "other", "prod")
    assert found.access().token == "first"
    assert found.files == (first, second)


def test_the_files_that_kubectl_would_read(tmp_path):
    assert kubeconfig_files(Path("x"), {"KUBECONFIG": "y"}) == (Path("x"),)
    assert kubeconfig_files(None, {"KUBECONFIG": os.pathsep.join(["a", "", "b", "a"])}) == (Path("a"), Path("b"))
    assert kubeconfig_files(None, {}) == (Path.home() / ".kube" / "config",)


@pytest.mark.parametrize(
    ("context", "said"),
    [("nope", "no context is called 'nope'; it has broken, prod"), ("broken", "names the cluster 'gone'")],
)
def test_a_context_that_is_not_there(tmp_path, context, said):
    with pytest.raises(ConfigError, match=said):
        load_kubeconfig([config(tmp_path)]).access(context)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "not YAML"),
        ("kind: Config\nclusters: " + "[" * 100_000 + "]" * 100_000, ":2: not YAML: nested more than 200 deep"),
        ("kind: List", "this is no kubeconfig"),
        ("- a", "this is no kubeconfig"),
        ("x" * 5_000_000, "more than 4,000,000 bytes"),
        ("clusters: [{name: a, cluster: 3}, 7]\nusers: nonsense", "there is no current context"),
        ("\x00", "not YAML"),
    ],
)
def test_what_is_no_kubeconfig_is_a_clear_error(tmp_path, text, said):
    path = tmp_path / "config"
    path.write_text(text)
    with pytest.raises(ConfigError, match=said) as caught:
        load_kubeconfig([path]).access()
    assert str(path) in str(caught.value)


def test_data_that_is_not_base64(tmp_path):
    with pytest.raises(ConfigError, match="client-key-data is not base64"):
        load_kubeconfig([config(tmp_path, "client-key-data: '***'")]).access()


def test_no_file_at_all(tmp_path):
    with pytest.raises(ConfigError, match="there is no kubeconfig"):
        load_kubeconfig([tmp_path / "missing"])
    assert load_kubeconfig([tmp_path / "missing"], must_exist=False).current is None


def test_in_a_pod(tmp_path):
    environment = {"KUBERNETES_SERVICE_HOST": "2001:db8::1", "KUBERNETES_SERVICE_PORT": "443"}
    with pytest.raises(ConfigError, match=r"token is not there"):
        in_cluster_access(environment, tmp_path)
    (tmp_path / "token").write_text("t")
    (tmp_path / "ca.crt").write_text("c")
    access = in_cluster_access(environment, tmp_path)
    assert access.server == "https://[2001:db8::1]:443"
    assert (access.token_file, access.ca_file, access.context) == (tmp_path / "token", tmp_path / "ca.crt", None)
    with pytest.raises(ConfigError, match="this is no pod"):
        in_cluster_access({}, tmp_path)


@pytest.mark.parametrize("server", ["https://[::1", "https://a:port", "https://", "https://a:99999", "ftp://a"])
def test_a_server_that_is_no_address(tmp_path, server):
    file = tmp_path / "config"
    file.write_text(
        json.dumps(
            {
                "current-context": "c",
                "contexts": [{"name": "c", "context": {"cluster": "k"}}],
                "clusters": [{"name": "k", "cluster": {"server": server}}],
            }
        )
    )
    with pytest.raises(ConfigError, match="has no server"):
        load_kubeconfig([file]).access()


def test_a_name_that_is_too_long_for_a_file():
    with pytest.raises(ConfigError, match="cannot be read"):
        load_kubeconfig([Path("/" + "a" * 5000)])


def test_base64_in_several_lines_as_go_takes_it(tmp_path):
    file = tmp_path / "config"
    cluster = {"server": "https://a", "certificate-authority-data": "Q0Eg\nSU4g\r\nTUlORA==\n"}
    document = {
        "current-context": "c",
        "contexts": [{"name": "c", "context": {"cluster": "k"}}],
        "clusters": [{"name": "k", "cluster": cluster}],
    }
    file.write_text(json.dumps(document))
    assert load_kubeconfig([file]).access().ca_data == b"CA IN MIND"


@pytest.mark.parametrize(
    ("user", "cluster"),
    [
        ("token: REDACTED", "x: y"),
        ("client-key-data: DATA+OMITTED", "x: y"),
        ("token: secret", "certificate-authority-data: DATA+OMITTED"),
    ],
)
def test_what_kubectl_hides_is_told_from_a_secret(tmp_path, user, cluster):
    with pytest.raises(ConfigError) as caught:
        load_kubeconfig([config(tmp_path, user, cluster)]).access()
    (problem,) = caught.value.problems
    assert problem.expected == "kubectl config view --raw"
    assert "secret" not in problem.message.replace("without secrets", "")


@pytest.mark.parametrize("proxy", ["http://[::", "nonsense", "http://", "//192.0.2.9:3128", "http://192.0.2.9:99999"])
def test_a_proxy_that_is_no_address(tmp_path, proxy):
    with pytest.raises(ConfigError, match="the proxy-url of context 'prod' is no address"):
        load_kubeconfig([config(tmp_path, cluster=f"proxy-url: '{proxy}'")]).access()
