"""ssh itself is the judge of how its files are read: `ssh -G` for the configuration, `ssh-keygen` for hashed names."""

import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from calico_bgp.sources.ssh.client_config.settings import SSHConfig
from calico_bgp.sources.ssh.host_keys.known_hosts import HostKeys

pytestmark = pytest.mark.rig

KEY = "AAAAC3NzaC1lZDI1NTE5AAAAIGmRXI1dQDHYTXEuCUDs411FpjfIMSAouA9wNtMT0dHq"

CONFIGS = {
    "first value wins": "Host a\n User one\n Port 2201\nHost *\n User two\n Port 22\n IdentityFile /k/all\n",
    "before any Host": "User early\nHost a\n User late\n",
    "negation": "Host * !b\n User notb\nHost !a\n User never\n",
    "wildcards": "Host node?.dc1\n User q\nHost node*.dc1 a*\n User star\nHost [ab]\n User class\n",
    "case": "Host A\n User upper\nHost a\n User lower\n",
    "equals and quotes": 'Host=a\n User = "blue"\n IdentityFile="/k/with blank"\n Port=2022 # why\n',
    "escapes": 'Host a\n IdentityFile /k/a\\ b\n IdentityFile "/k/c\\"d"\n IdentityFile \'/k/e f\'\n',
    "comment after": "Host a # b\n User x # y\nHost b\n User z#w\n",
    "several identities": (
        "Host a\n IdentityFile /k/1\nHost *\n IdentityFile /k/2\n IdentityFile /k/1\n IdentitiesOnly yes\n"
    ),
    "hostname token": "Host a*\n HostName %h.dc1.example\nHost b\n HostName 10.0.0.1\n",
    "hostname upper": "Host a\n HostName NODE.Example\n",
    "match host": "Host a\n HostName a.dc1\nMatch host *.dc1\n User m\nMatch originalhost b\n Port 2222\n",
    "match user": "Host a\n User x\nMatch user x,y host a\n Port 77\nMatch !user x\n Port 78\n",
    "match all": "Host a\n User x\nMatch all\n User every\n",
    "match final": "Host a\n HostName a.dc1\nMatch final host *.dc1\n User late\nMatch final all\n Port 5\n",
    "final re-reads": "Host *.dc1\n User again\nHost a\n HostName a.dc1\nMatch final\n Port 6\n",
    "match comma negation": "Match host node*,!node2.dc1\n User m\n",
    "match localuser": "Match localuser no-such-user\n User never\nMatch !localuser no-such-user\n User always\n",
    "jump": "Host a\n ProxyJump j1,admin@j2:2200\nHost b\n ProxyJump none\nHost *\n ProxyJump other\n",
    "jump before command": "Host a\n ProxyJump j\nHost *\n ProxyCommand nc %h %p\n",
    "alias and files": (
        "Host a\n HostKeyAlias Alias\n UserKnownHostsFile /k/one /k/two\n GlobalKnownHostsFile /k/three\n"
        "CertificateFile /k/c\nIdentityAgent /run/agent\nHashKnownHosts yes\n"
    ),
    "tab and form": "Host\ta\n\tUser\tt\t\n",
    "keyword case": "hOST a\n uSER t\n",
    "match equals": "Match host=a\n User e\n",
    "unknown values": "Host a\n SendEnv LANG LC_*\n Ciphers aes128-ctr\n User u\n",
}
HOSTS = ("a", "b", "A", "node1.dc1", "node2.dc1", "a.dc1")
SINGLE = ("hostname", "user", "port", "identitiesonly", "hashknownhosts", "hostkeyalias", "proxyjump", "identityagent")


def ssh_says(config: Path, host: str, *options: str) -> dict[str, list[str]]:
    ssh = shutil.which("ssh")
    assert ssh, "the rig needs openssh-client"
    done = subprocess.run(
        [ssh, "-G", "-F", config, *options, host], capture_output=True, text=True, timeout=20, check=False
    )
    assert done.returncode == 0, done.stderr
    said: dict[str, list[str]] = {}
    for line in done.stdout.splitlines():
        keyword, _, value = line.partition(" ")
        said.setdefault(keyword, []).append(value)
    return said


def compare(config: Path, host: str, *options: str, **insisted) -> None:
    said = ssh_says(config, host, *options)
    ours = SSHConfig.load(config).resolve(host, **insisted)
    assert ours.hostname == said["hostname"][0]
    assert ours.user == said["user"][0]
    assert ours.port == int(said["port"][0])
    assert ours.identities_only == (said["identitiesonly"][0] == "yes")
    assert ours.hash_known_hosts == (said["hashknownhosts"][0] == "yes")
    assert ours.host_key_alias == said.get("hostkeyalias", [None])[0]
    assert ours.proxy_jump == said.get("proxyjump", [None])[0]
    assert ours.identity_agent == said.get("identityagent", [None])[0]
    if ours.identity_files is not None:
        assert [str(path) for path in ours.identity_files] == said["identityfile"]
    else:
        assert all(path.startswith("~/.ssh/id_") for path in said["identityfile"])
    assert [str(path) for path in ours.certificate_files] == said.get("certificatefile", [])
    if "/root" not in said["userknownhostsfile"][0] and "~" not in said["userknownhostsfile"][0]:
        assert " ".join(str(path) for path in ours.user_known_hosts_files) == said["userknownhostsfile"][0]
    assert " ".join(str(path) for path in ours.global_known_hosts_files) == said["globalknownhostsfile"][0]


@pytest.mark.parametrize("name", CONFIGS)
def test_ssh_config(name, tmp_path):
    config = tmp_path / "config"
    config.write_text(CONFIGS[name])
    for host in HOSTS:
        compare(config, host)


def test_command_line_wins(tmp_path):
    config = tmp_path / "config"
    config.write_text("Host a\n User one\n Port 2201\nMatch user boss\n IdentityFile /k/boss\n")
    compare(config, "a", "-l", "boss", "-p", "99", user="boss", port=99)


def test_includes(tmp_path):
    (tmp_path / "one.conf").write_text("User included\nHost b\n Port 7\nHost *\n IdentityFile /k/inc\n")
    (tmp_path / "two.conf").write_text(f"Include {tmp_path}/three\nMatch host a\n HashKnownHosts yes\n")
    (tmp_path / "three").write_text("Host a node*\n ProxyJump j\n")
    config = tmp_path / "config"
    config.write_text(
        f"Host a b\n Include {tmp_path}/*.conf {tmp_path}/missing\n Port 2222\n"
        f"Host node*\n User n\nInclude {tmp_path}/two.conf\n"
    )
    for host in HOSTS:
        compare(config, host)


LINES = """
Host a|Host b *.dc1|Host * !a|Host *|Match all|Match host *.dc1|Match user x|Match originalhost a,b|Match !host a|
Match final|Match final host a.dc1|Match host a user x|User x|User y|Port 1|Port 2|HostName %h.dc1|HostName b|
IdentityFile /k/1|IdentityFile /k/2|ProxyJump j|ProxyJump none|IdentitiesOnly yes|HostKeyAlias h|Include INC|# Host a|
"""
lines = st.sampled_from([line.strip() for line in LINES.split("|")])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(main=st.lists(lines, max_size=12), included=st.lists(lines, max_size=6), host=st.sampled_from(HOSTS))
def test_any_configuration(tmp_path, main, included, host):
    (tmp_path / "inc").write_text("\n".join(line for line in included if line != "Include INC") + "\n")
    config = tmp_path / "config"
    config.write_text("\n".join(main).replace("INC", str(tmp_path / "inc")) + "\n")
    compare(config, host)


def test_hashed_known_hosts(tmp_path):
    keygen = shutil.which("ssh-keygen")
    assert keygen, "the rig needs openssh-client"
    file = tmp_path / "known_hosts"
    names = ["node1.dc1", "[node1.dc1]:2222", "10.0.0.1", "fd5f::3"]
    file.write_text("".join(f"{name} ssh-ed25519 {KEY}\n" for name in names))
    subprocess.run([keygen, "-q", "-H", "-f", file], check=True, capture_output=True, timeout=20)
    keys = HostKeys.load([file])
    for number, name in enumerate(names, 1):
        assert keys.check([name], "ssh-rsa", b"\0\0\0\7ssh-rsa\0").line == number
