"""The rules one by one, what `ssh -G` does not show, and what is left out; tests/rig compares with ssh itself."""

import os
import pwd
import socket
from pathlib import Path

import pytest

from calico_bgp.errors import ConfigError
from calico_bgp.sources.ssh.client_config.settings import SSHConfig

ME = pwd.getpwuid(os.getuid()).pw_name


@pytest.fixture
def home(tmp_path):
    (tmp_path / ".ssh").mkdir()
    return tmp_path


@pytest.fixture
def load(home):
    def load(text, **files):
        for name, content in files.items():
            (home / ".ssh" / name).write_text(content)
        path = home / ".ssh" / "config"
        path.write_text(text)
        return SSHConfig.load(path, home=home)

    return load


def problems(error):
    return [(problem.message, problem.line) for problem in error.value.problems]


def test_nothing_said(home):
    settings = SSHConfig.load(Path("none"), home=home).resolve("Node1")
    assert (settings.hostname, settings.port, settings.user) == ("node1", 22, ME)
    assert settings.identity_files is None
    assert settings.user_known_hosts_files == (home / ".ssh/known_hosts", home / ".ssh/known_hosts2")
    assert settings.global_known_hosts_files == (Path("/etc/ssh/ssh_known_hosts"), Path("/etc/ssh/ssh_known_hosts2"))
    assert settings.proxy_jump is settings.refusal is settings.identity_agent is settings.host_key_alias is None


def test_usual_files(home):
    (home / ".ssh" / "config").write_text("User usual\n")
    assert SSHConfig.load(home=home).resolve("a").user == "usual"


def test_first_value_wins_and_identities_collect(load):
    config = load("Host a\n User one\n IdentityFile ~/.ssh/a\nHost *\n User two\n IdentityFile ~/.ssh/b\n")
    settings = config.resolve("a")
    assert settings.user == "one"
    assert [path.name for path in settings.identity_files] == ["a", "b"]
    assert config.resolve("b").user == "two"


def test_caller_insists(load):
    config = load("Host a\n User one\n Port 2\nMatch user boss\n IdentityFile /boss\n")
    settings = config.resolve("a", user="boss", port=99)
    assert (settings.user, settings.port, settings.identity_files) == ("boss", 99, (Path("/boss"),))
    assert config.resolve("a").identity_files is None


def test_tokens(load, home, monkeypatch):
    monkeypatch.setenv("KEYS", "/keys")
    config = load(
        "Host a\n HostName %h.dc1\n User u\n Port 2222\n HostKeyAlias k\n"
        " IdentityFile %d/%h/%n/%p/%r/%u/%i/%k/%%/%Z\n IdentityFile ${KEYS}/x\n IdentityFile ${NOT_SET_HERE}/x\n"
        " IdentityFile ~/y\n IdentityFile %L/%l\n CertificateFile ~/z-cert.pub\n"
    )
    settings = config.resolve("a")
    here = socket.gethostname()
    assert [str(path) for path in settings.identity_files] == [
        f"{home}/a.dc1/a/2222/u/{ME}/{os.getuid()}/k/%/%Z",
        "/keys/x",
        "${NOT_SET_HERE}/x",
        f"{home}/y",
        f"{here.split('.', maxsplit=1)[0]}/{here}",
    ]
    assert settings.certificate_files == (home / "z-cert.pub",)


def test_connection_hash_differs_by_host(load):
    config = load("IdentityFile /k/%C\n")
    names = {config.resolve(host).identity_files[0].name for host in ("a", "b")}
    assert len(names) == 2
    assert all(len(name) == 40 for name in names)


def test_no_identity(load):
    settings = load("IdentityFile none\nUserKnownHostsFile none\nIdentitiesOnly yes\n").resolve("a")
    assert settings.identity_files == ()
    assert settings.user_known_hosts_files == ()
    assert settings.identities_only


@pytest.mark.parametrize(
    ("value", "agent"),
    [("SSH_AUTH_SOCK", None), ("none", "none"), ("$AGENT", "/run/a"), ("$NOT_SET_HERE", "none"), ("/run/%r", "/run/u")],
)
def test_agent(load, monkeypatch, value, agent):
    monkeypatch.setenv("AGENT", "/run/a")
    assert load(f"User u\nIdentityAgent {value}\n").resolve("a").identity_agent == agent


def test_several_known_hosts_files(load, home):
    settings = load('UserKnownHostsFile ~/one "/k/with blank"\nGlobalKnownHostsFile /k/two\n').resolve("a")
    assert settings.user_known_hosts_files == (home / "one", Path("/k/with blank"))
    assert settings.global_known_hosts_files == (Path("/k/two"),)


def test_jump(load):
    config = load("Host a\n ProxyJump %r@j1,j2:2200\nHost b\n ProxyJump none\nHost *\n User u\n ProxyJump j3\n")
    assert [config.resolve(host).proxy_jump for host in "abc"] == ["u@j1,j2:2200", None, "j3"]


def test_proxy_command_is_refused(load, home):
    config = load("Host a\n ProxyCommand ssh -W %h:%p j # x\nHost b\n ProxyCommand none\nHost *\n ProxyJump j\n")
    settings = config.resolve("a")
    assert settings.proxy_jump is None
    assert settings.refusal.startswith(f"{home}/.ssh/config:2: ProxyCommand is not supported")
    assert config.resolve("b").refusal is config.resolve("b").proxy_jump is None
    assert config.resolve("c").proxy_jump == "j"


def test_include(load):
    config = load(
        "Include inc missing\nHost b\n Include only_b\n Port 7\nHost *\n User late\n",
        inc="User inc\nHost a\n Port 5\n",
        only_b="Host *\n HostKeyAlias in_b\nHost a\n HostKeyAlias never\n",
    )
    a, b = config.resolve("a"), config.resolve("b")
    assert (a.user, a.port, a.host_key_alias) == ("inc", 5, None)
    assert (b.user, b.port, b.host_key_alias) == ("inc", 7, "in_b")


def test_include_globs_in_order(load, home):
    (home / ".ssh" / "conf.d").mkdir()
    for name in ("20-b", "10-a"):
        (home / ".ssh" / "conf.d" / name).write_text(f"User from-{name}\n")
    assert load("Include ~/.ssh/conf.d/*\n").resolve("a").user == "from-10-a"


def test_include_circle_ends(load, home):
    with pytest.raises(ConfigError, match="more than 16 files include one another") as error:
        load("Include a b c\n", a="Include a b c\n", b="Include a b c\n", c="Include a b c\n")
    assert len(error.value.problems) == 1


def test_match_exec_is_never_run(load, home):
    mark = home / "was-run"
    config = load(f'Match exec "touch {mark}"\n User evil\nMatch !exec "touch {mark}"\n User evil\n')
    assert config.resolve("a").user == ME
    assert not mark.exists()
    assert config.warnings[0] == (f"{home}/.ssh/config:1: Match exec is taken as not matching: its command is not run")
    assert len(config.warnings) == 2


@pytest.mark.parametrize("form", ["localnetwork 10.0.0.0/8", "tagged x", "host a version 9"])
def test_unknown_match_forms_do_not_match(load, form):
    config = load(f"Match {form}\n User evil\nMatch all\n User good\n")
    assert config.resolve("a").user == "good"
    assert "is not supported" in config.warnings[0]


def test_canonicalisation_is_left_out(load):
    config = load("CanonicalizeHostname yes\nMatch canonical all\n User never\nMatch !canonical\n User u\n")
    assert config.resolve("a").user == "u"
    assert len(config.warnings) == 3


def test_match_final_sees_the_new_name(load):
    config = load("Host *.dc1\n User again\nHost a\n HostName a.dc1\nMatch final\n Port 6\n")
    settings = config.resolve("a")
    assert (settings.hostname, settings.user, settings.port) == ("a.dc1", "again", 6)


def test_every_problem_with_its_place(load, home):
    with pytest.raises(ConfigError) as error:
        load("Port\nPort 70000\nHost\nUser a b\nUser 'open\nMatch host\nMatch all user x\nIdentitiesOnly maybe\nFoo\n")
    assert problems(error) == [
        ("port needs a value", 1),
        ("a port is a number from 1 to 65535", 2),
        ("host needs a value", 3),
        ("user takes one value; quote a value that contains blanks", 4),
        ("a quote is not closed", 5),
        ("Match host needs a value", 6),
        ("Match all cannot be combined with other criteria", 7),
        ("identitiesonly is yes or no", 8),
    ]
    assert str(error.value).startswith(f"{home}/.ssh/config:1: port needs a value")


def test_a_named_file_must_exist(home):
    with pytest.raises(ConfigError, match="No such file"):
        SSHConfig.load(home / "missing", home=home)


def test_many_hosts_share_the_work(load):
    text = "".join(f"Host node{n}\n HostName 10.0.{n // 250}.{n % 250}\n" for n in range(500)) + "Host *\n User u\n"
    config = load(text)
    assert config.resolve("node499").hostname == "10.0.1.249"
    assert config.resolve("node499") is config.resolve("node499")
    assert config.resolve("node500").hostname == "node500"
