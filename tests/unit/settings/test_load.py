"""Which files of settings count, whose they must be, and what comes of two of them."""

import os
from pathlib import Path

import pytest

from calico_bgp.errors import CalicoBGPError
from calico_bgp.settings.load import load_config, settings_files
from calico_bgp.settings.own_files import read_own
from calico_bgp.settings.places import folder_file, user_file

OWN = """\
[clusters.prod]
jump = "bastion"
[clusters.stage]
context = "stage"
resources_from = "cp1"
[output]
width = 100
color = false
[[ignore]]
rule = "a"
reason = "mine"
[[clusters.stage.maintenance]]
reason = "every night"
from = 01:00:00
until = 02:00:00
"""
NEAR = """\
[clusters.prod]
hosts = "hosts/prod.txt"
resources = "calico/"
[clusters.stage]
hosts = "hosts/stage.txt"
resources = "calico/"
[clusters.lab]
hosts = "lab.txt"
[output]
width = 80
[[ignore]]
rule = "b"
reason = "ours"
[[monitor.maintenance]]
reason = "of all"
from = 22:00:00
until = 23:00:00
"""


@pytest.fixture
def tree(tmp_path):
    """A home with settings, and a repository with some, deep in which somebody works."""
    own = tmp_path / "config/calico-bgp/calico-bgp.toml"
    own.parent.mkdir(parents=True)
    own.write_text(OWN)
    near = tmp_path / "repo/calico-bgp.toml"
    (tmp_path / "repo/a/b").mkdir(parents=True)
    near.write_text(NEAR)
    for path in (own, near):
        path.chmod(0o644)
    return tmp_path


def files(tree, named=None, folder="repo/a/b"):
    return settings_files(named, folder=tree / folder, environ={"XDG_CONFIG_HOME": str(tree / "config")})


def test_places(tree):
    assert user_file({"XDG_CONFIG_HOME": "/x"}).as_posix() == "/x/calico-bgp/calico-bgp.toml"
    assert user_file({"HOME": "/home/a"}).as_posix() == "/home/a/.config/calico-bgp/calico-bgp.toml"
    assert user_file({"HOME": "/home/a", "XDG_CONFIG_HOME": "not/absolute"}).parts[1] == "home"
    assert folder_file(tree / "repo/a/b") == tree / "repo/calico-bgp.toml"
    assert folder_file(tree / "config") is None


def test_what_nobody_may_look_at_does_not_count(tree):
    """As a folder does that the user may not enter; root may enter all, hence names that no file system takes."""
    too_long = tree / "repo" / ("x" * 300)
    assert folder_file(too_long / "a") == tree / "repo/calico-bgp.toml"
    (found,) = settings_files(None, folder=tree / "repo", environ={"XDG_CONFIG_HOME": str(too_long)})
    assert found.of_folder


def test_two_files_together(tree):
    config = load_config(files(tree))
    values = {c.name: {s.key: s.value for s in c.settings} for c in config.clusters}
    repo = str(tree / "repo")
    assert values == {
        # The user says how, the folder where.
        "prod": {"jump": "bastion", "hosts": f"{repo}/hosts/prod.txt", "resources": (f"{repo}/calico",)},
        # The user says where: then the folder says nothing of that.
        "stage": {"context": "stage", "resources_from": "cp1"},
        "lab": {"hosts": f"{repo}/lab.txt"},
    }
    assert {s.key: s.value for s in config.output} == {"width": 80, "color": False}
    assert [entry.reason for entry in config.ignore] == ["ours", "mine"]
    assert [(w.reason, w.cluster) for w in config.maintenance] == [("of all", None), ("every night", "stage")]


def test_a_named_file_stands_for_all(tree):
    path = tree / "other.toml"
    path.write_text("[clusters.x]\ncontext = 'x'\nidentity = '~/key'\n")
    path.chmod(0o600)
    config = load_config(files(tree, path))
    assert [c.name for c in config.clusters] == ["x"]
    assert config.cluster("x").by_key["identity"].value == (str(Path("~/key").expanduser()),)


def test_none_is_no_file(tree):
    assert files(tree, "none") == ()
    assert load_config(()) is None


def test_ones_own_folder_is_ones_own(tree):
    (found,) = files(tree, folder="config/calico-bgp")
    assert not found.of_folder


@pytest.mark.parametrize("mode", [0o646, 0o666, 0o622])
def test_what_others_may_write_is_refused(tree, mode):
    path = tree / "repo/calico-bgp.toml"
    path.chmod(mode)
    with pytest.raises(CalicoBGPError, match=rf"mode {mode:o}.*chmod go-w"):
        files(tree)


def test_a_group_of_ones_own_may_write(tree, monkeypatch):
    from types import SimpleNamespace

    path = tree / "repo/calico-bgp.toml"
    path.chmod(0o664)
    monkeypatch.setattr("pwd.getpwuid", lambda _: SimpleNamespace(pw_gid=path.stat().st_gid, pw_name="ann"))
    monkeypatch.setattr("grp.getgrgid", lambda _: SimpleNamespace(gr_name="ann", gr_mem=[]))
    assert read_own(path) == NEAR
    monkeypatch.setattr("grp.getgrgid", lambda _: SimpleNamespace(gr_name="staff", gr_mem=[]))
    with pytest.raises(CalicoBGPError, match="may be written by others"):
        read_own(path)


def test_what_belongs_to_another_is_refused(tree, monkeypatch):
    monkeypatch.setattr("os.geteuid", lambda: 4711)
    path = tree / "repo/calico-bgp.toml"
    if path.stat().st_uid == 0:
        assert read_own(path) == NEAR  # root's counts for everybody
        os.chown(path, 4712, -1)
    with pytest.raises(CalicoBGPError, match=r"belongs to .*could hide what is broken.*--config none"):
        read_own(path)


def test_no_file_no_folder_no_text(tree):
    with pytest.raises(CalicoBGPError, match="does not exist"):
        read_own(tree / "nothing")
    with pytest.raises(CalicoBGPError, match="folder"):
        read_own(tree)
    path = tree / "latin.toml"
    path.write_bytes(b"a = 1\nb = '\xe9'\n")
    path.chmod(0o600)
    with pytest.raises(CalicoBGPError, match=r"latin\.toml:2: not UTF-8"):
        read_own(path)
