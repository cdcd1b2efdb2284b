"""Clusters and output in calico-bgp.toml: values with their lines, and every mistake with its line."""

import pytest

from calico_bgp.errors import ConfigError
from calico_bgp.model.settings.cluster_settings import Setting
from calico_bgp.parse.settings.clusters import CLUSTER_KEYS, OUTPUT_KEYS
from calico_bgp.parse.settings.config import parse_config

GOOD = """\
default_cluster = "prod-1"

[clusters.prod-1]
context = "prod-1"
resources = "calico/"
user = "ubuntu"
identity = ["~/.ssh/a", "~/.ssh/b"]
agent = false
jump = "bastion"
host_keys = "accept-new"
timeout = "1m30s"
workers = 8

[clusters."with blank"]
hosts = "hosts.txt"

[output]
format = "json"
color = false
width = 100
"""


def problems(text, **kwargs):
    with pytest.raises(ConfigError) as caught:
        parse_config(text, source="x.toml", **kwargs)
    return [(p.line, p.message, p.expected) for p in caught.value.problems]


def test_values_and_places():
    config = parse_config(GOOD, source="x.toml")
    assert config.default_cluster == Setting("default_cluster", "prod-1", "x.toml", 1)
    assert [cluster.name for cluster in config.clusters] == ["prod-1", "with blank"]
    prod = config.cluster("prod-1").by_key
    assert {key: setting.value for key, setting in prod.items()} == {
        "context": "prod-1",
        "resources": ("calico/",),
        "user": "ubuntu",
        "identity": ("~/.ssh/a", "~/.ssh/b"),
        "agent": False,
        "jump": "bastion",
        "host_keys": "accept-new",
        "timeout": "1m30s",
        "workers": 8,
    }
    assert prod["jump"].place == "x.toml:9"
    assert config.cluster("with blank").by_key["hosts"].place == "x.toml:15"
    assert [(s.key, s.value, s.line) for s in config.output] == [
        ("format", "json", 18),
        ("color", False, 19),
        ("width", 100, 20),
    ]


@pytest.mark.parametrize(
    ("text", "line", "message", "expected"),
    [
        ("[clusters.a]\ncontxt = 'x'", 2, "[clusters.a]: unknown key 'contxt', did you mean context?", "one of hosts,"),
        ("[clusters.a]\nconnect-timeout = '1s'", 2, "did you mean connect_timeout?", "one of"),
        ("[clusters.a]\npassword = 'x'", 2, "[clusters.a]: unknown key 'password'", "no secret in a file"),
        ("[clusters.a]\nworkers = '8'", 2, "workers is a text that cannot be", "a number without quotes"),
        ("[clusters.a]\nworkers = true", 2, "workers is true or false that cannot be", "a number without quotes"),
        ("[clusters.a]\n\nagent = 1", 3, "agent is a number that cannot be", "true or false"),
        ("[clusters.a]\ntimeout = '5x'", 2, "timeout is a text that cannot be", 'timeout = "30s"'),
        ("[clusters.a]\nhost_keys = 'never'", 2, "host_keys is a text", '"strict" or "accept-new"'),
        ("[clusters.a]\nhosts = ''", 2, "hosts is empty", "a path"),
        ("[clusters.a]\nresources = []", 2, "resources is empty", "a path or several"),
        ("[clusters.a]\nhosts = 'h'\ncontext = 'c'", 2, "[clusters.a]: hosts and a cluster's API", "one of them"),
        (
            "[clusters.a]\n[[clusters.a.maintenance]]\nreason = 'x'\nfrom = 1\nuntil = 02:00:00",
            4,
            "from is no time",
            "22:00:00",
        ),
        ("[clusters.a]\nmaintenance = 1", 2, "[[clusters.a.maintenance]] is no list of tables", "reason"),
        ("[[clusters.a.maintenance]]\ncluster = 'b'", 2, "cluster is said twice", "no key cluster"),
        ("[clusters]\na = 1", 1, "clusters is no table of tables", "[clusters.prod-1]"),
        ("[output]\nwidht = 80", 2, "[output]: unknown key 'widht', did you mean width?", "one of format"),
        ("output = 1", None, "output is no table", "[output]"),
        ("default_cluster = 3", 1, "default_cluster is a number", "a text"),
        ("[clustres.a]\n", 1, "unknown key 'clustres', did you mean clusters?", "[[ignore]]"),
    ],
)
def test_a_mistake_names_its_line(text, line, message, expected):
    ((at, said, wanted), *more) = problems(text)
    assert not more or "maintenance" in said
    assert at == line
    assert message in said
    assert expected in wanted


def test_all_mistakes_at_once():
    text = "[clusters.a]\ncontxt = 'x'\n[[ignore]]\nrule = 'a'\n[output]\ncolor = 'yes'\n"
    assert [line for line, _, _ in problems(text)] == [2, 3, 6]


@pytest.mark.parametrize(
    "key", ["context", "kubeconfig", "user", "identity", "jump", "host_keys", "ssh_config", "calicoctl"]
)
def test_a_file_of_a_folder_sets_no_way_in(key):
    ((line, message, expected),) = problems(f"[clusters.a]\nhosts = 'h'\n{key} = 'strict'", of_folder=True)[:1]
    assert f"{key} does not count" in message or "hosts and a cluster's API" in message
    assert line in (2, 3)
    assert expected


def test_a_file_of_a_folder_chooses_no_cluster():
    ((line, message, _),) = problems("default_cluster = 'a'", of_folder=True)
    assert (line, message) == (1, "default_cluster does not count in a file of a folder")


def test_what_a_file_of_a_folder_may_set():
    text = "[clusters.a]\nhosts = 'h'\nresources = 'r'\n[output]\nwidth = 90\n[[ignore]]\nrule = 'x'\nreason = 'y'\n"
    config = parse_config(text, of_folder=True)
    assert set(config.cluster("a").by_key) == {"hosts", "resources"}
    assert config.output
    assert config.ignore


def test_the_documentation_names_every_key(fixtures):
    page = (fixtures.parent.parent / "docs/configuration.md").read_text(encoding="utf-8")
    example = page.partition("```toml title=")[2].partition("\n")[2].partition("```")[0]
    config = parse_config(example)
    assert config.default_cluster.value == "prod-1"
    assert [cluster.name for cluster in config.clusters] == ["prod-1", "edge"]
    table = page[page.index("## Keys of a cluster") : page.index("## Exceptions")]
    assert [key for key in (*CLUSTER_KEYS, *OUTPUT_KEYS) if f"`{key}`" not in table] == []
