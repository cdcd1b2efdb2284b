"""Rules of known_hosts, one by one. The hashed line was made by `ssh-keygen -H`; the rig checks more of them."""

import base64
import stat

import pytest

from calico_bgp.sources.ssh.host_keys.file import add_host_key
from calico_bgp.sources.ssh.host_keys.known_hosts import BadLine, HostKeys, host_key_names

HASHED_PLAIN_DC1 = "|1|DI4PbLW2WippY7M1+o0icaxmGVo=|ysgUkhzv0QqdgJvPTf9x7zOg3a0="


def blob(key_type="ssh-ed25519", number=1):
    parts = (key_type.encode(), number.to_bytes(32, "big"))
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)


def text(key_type="ssh-ed25519", number=1):
    return f"{key_type} {base64.b64encode(blob(key_type, number)).decode()}"


@pytest.fixture
def load(tmp_path):
    def load(*texts):
        paths = []
        for number, content in enumerate(texts):
            paths.append(tmp_path / f"known_hosts{number}")
            paths[-1].write_text(content)
        return HostKeys.load(paths)

    return load


def status(keys, name, number=1, key_type="ssh-ed25519"):
    return keys.check([name] if isinstance(name, str) else name, key_type, blob(key_type, number)).status


def test_names_of_a_line(load):
    keys = load(f"one.dc1,TWO.dc1,10.0.0.1 {text()} a comment\n")
    assert [status(keys, name) for name in ("one.dc1", "two.dc1", "Two.DC1", "10.0.0.1", "one")] == [
        "known", "known", "known", "known", "unknown",
    ]  # fmt: skip


def test_place_of_a_known_key(load, tmp_path):
    keys = load("# nothing\n", f"\n# heading\n\tone.dc1\t{text()}\r\n")
    verdict = keys.check(["one.dc1"], "ssh-ed25519", blob())
    assert (verdict.file, verdict.line) == (str(tmp_path / "known_hosts1"), 3)
    assert verdict.place == f"{tmp_path}/known_hosts1:3"
    assert verdict.known_types == ("ssh-ed25519",)


def test_patterns_and_negation(load):
    keys = load(f"*.dc1,!bad.dc1,node? {text()}\n")
    names = ("one.dc1", "bad.dc1", "node7", "node77", "dc1")
    assert [status(keys, name) for name in names] == ["known", "unknown", "known", "unknown", "unknown"]


def test_brackets_are_not_a_class(load):
    keys = load(f"[*.dc1]:2222 {text()}\n")
    assert status(keys, "[one.dc1]:2222") == "known"
    assert status(keys, "one.dc1") == "unknown"


def test_other_key_is_a_change_of_either_type(load):
    keys = load(f"one.dc1 {text('ssh-rsa', 5)}\none.dc1 {text(number=2)}\n")
    verdict = keys.check(["one.dc1"], "ssh-ed25519", blob(number=1))
    assert (verdict.status, verdict.line) == ("changed", 2), "the line of the same type is the one to fix"
    assert verdict.known_types == ("ssh-rsa", "ssh-ed25519")
    verdict = keys.check(["one.dc1"], "ecdsa-sha2-nistp256", blob("ecdsa-sha2-nistp256"))
    assert (verdict.status, verdict.line) == ("changed", 1)


def test_one_right_key_is_enough(load):
    keys = load(f"one.dc1 {text(number=2)}\n", f"one.dc1 {text(number=1)}\n")
    assert status(keys, "one.dc1", 1) == status(keys, "one.dc1", 2) == "known"


def test_signature_name_does_not_matter(load):
    keys = load(f"one.dc1 {text('ssh-rsa')}\n")
    assert keys.check(["one.dc1"], "rsa-sha2-512", blob("ssh-rsa")).status == "known"


def test_plain_name_vouches_for_a_port_but_never_accuses(load):
    keys = load(f"one.dc1 {text(number=1)}\n")
    names = host_key_names("One.dc1", 2222)
    assert names == ("[one.dc1]:2222", "one.dc1")
    assert status(keys, names, 1) == "known"
    assert status(keys, names, 2) == "unknown"


def test_names_to_look_up():
    assert host_key_names("One.dc1") == ("one.dc1",)
    assert host_key_names("fd5f::3", 2222) == ("[fd5f::3]:2222", "fd5f::3")
    assert host_key_names("one", 2222, alias="Alias") == ("alias",)


def test_hashed(load):
    keys = load(f"{HASHED_PLAIN_DC1} {text()}\n")
    assert status(keys, "plain.dc1") == "known"
    assert status(keys, "plain.dc2") == "unknown"
    assert status(keys, "plain.dc1", 2) == "changed"


def test_revoked_wins(load):
    keys = load(f"one.dc1 {text()}\n", f"@revoked * {text()}\n")
    verdict = keys.check(["one.dc1"], "ssh-ed25519", blob())
    assert (verdict.status, verdict.line) == ("revoked", 1)
    assert keys.is_revoked(["one.dc1"], blob())
    assert not keys.is_revoked(["one.dc1"], blob(number=2))
    assert status(keys, "one.dc1", 2) == "changed"


def test_revoked_elsewhere_is_nothing(load):
    keys = load(f"@revoked *.dc2 {text()}\n")
    assert status(keys, "one.dc1") == "unknown"


def test_authority(load):
    keys = load(f"@cert-authority *.dc1 {text(number=9)}\nold.dc1 {text(number=2)}\n")
    assert status(keys, "one.dc1") == "authority"
    assert status(keys, "one.dc1", 9) == "authority", "an authority's own key is nobody's host key"
    assert status(keys, "old.dc1") == "changed"
    assert status(keys, "one.dc2") == "unknown"
    assert keys.authorities(["one.dc1"]) == (blob(number=9),)
    assert keys.authorities(["one.dc2"]) == ()


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("one.dc1 ssh-ed25519", "expected: names, key type, key"),
        (f"@unheard-of one.dc1 {text()}", "unknown marker @unheard-of"),
        ("one.dc1 1024 35 1234567", "a key of SSH protocol 1"),
        (f"|1|short|hash= {text()}", "a hashed name must be |1|salt|hash"),
        ("one.dc1 ssh-ed25519 AAAAB3NzaC1yc2E=", "the key is not of type ssh-ed25519"),
    ],
)
def test_bad_lines_are_remembered(load, tmp_path, line, reason):
    keys = load(f"# first\n{line}\ntwo.dc1 {text()}\n")
    assert keys.bad_lines == [BadLine(str(tmp_path / "known_hosts0"), 2, reason)]
    assert status(keys, "one.dc1") == "unknown"
    assert status(keys, "two.dc1") == "known"


@pytest.mark.parametrize("cut", [1, 4, 10])
def test_a_key_cut_off_is_no_change(load, cut):
    assert status(load(f"one.dc1 {text()[:-cut]}\n"), "one.dc1", 2) == "unknown"


def test_a_line_that_is_not_ascii_is_skipped_as_ssh_does(load, tmp_path):
    key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI\u00e9"
    keys = load(f"one.dc1 {key}\n@cert-authority * {key}\n@revoked * {key}\ntwo.dc1 {text()}\n")
    assert keys.bad_lines == [
        BadLine(str(tmp_path / "known_hosts0"), number, "the key is not base64") for number in (1, 2, 3)
    ]
    assert keys.authorities(["one.dc1"]) == ()
    assert keys.known_key_types(["one.dc1"]) == ()
    assert status(keys, "one.dc1") == "unknown"
    assert status(keys, "two.dc1") == "known"


def test_a_name_that_is_not_ascii(tmp_path):
    """From an ssh configuration in another encoding: it is written as it was read."""
    path = tmp_path / "known_hosts"
    for hashed in (False, True):
        assert add_host_key(path, "\udce9.dc1", "ssh-ed25519", blob(), hashed=hashed)
        assert HostKeys.load([path]).check(["\udce9.dc1"], "ssh-ed25519", blob()).status == "known"
        path.unlink()


def test_missing_and_unreadable_files(tmp_path):
    keys = HostKeys.load([tmp_path / "missing", tmp_path])
    assert [(bad.file, bad.line) for bad in keys.bad_lines] == [(str(tmp_path), 0)]
    assert status(keys, "one.dc1") == "unknown"


def test_known_key_types(load):
    keys = load(f"one.dc1 {text('ssh-rsa')}\n*.dc1 {text()}\n{HASHED_PLAIN_DC1} {text('ecdsa-sha2-nistp256')}\n")
    assert keys.known_key_types(["one.dc1"]) == ("ssh-rsa", "ssh-ed25519")
    assert keys.known_key_types(["plain.dc1"]) == ("ssh-ed25519",)
    assert keys.known_key_types(["plain.dc1"], search_hashed=True) == ("ssh-ed25519", "ecdsa-sha2-nistp256")
    assert keys.known_key_types(["one.dc2"]) == ()
    assert keys.known_key_types(["[two.dc2]:22", "two.dc1"]) == ("ssh-ed25519",)


def test_add_to_a_new_file(tmp_path):
    path = tmp_path / "home" / ".ssh" / "known_hosts"
    assert add_host_key(path, "[One.dc1]:2222", "rsa-sha2-512", blob("ssh-rsa"))
    assert path.read_text() == f"[one.dc1]:2222 {text('ssh-rsa')}\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_add_keeps_what_was_there(tmp_path):
    path = tmp_path / "known_hosts"
    path.write_text(f"zero.dc1 {text()}")
    path.chmod(0o644)
    assert add_host_key(path, "one.dc1", "ssh-ed25519", blob())
    assert not add_host_key(path, "one.dc1", "ssh-ed25519", blob()), "twice is once"
    assert path.read_text() == f"zero.dc1 {text()}\none.dc1 {text()}\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o644


def test_add_hashed(tmp_path):
    path = tmp_path / "known_hosts"
    add_host_key(path, "one.dc1", "ssh-ed25519", blob(), hashed=True)
    assert "one" not in path.read_text()
    assert status(HostKeys.load([path]), "one.dc1") == "known"


def test_accepted_key_is_known_at_once(tmp_path):
    path = tmp_path / "known_hosts"
    keys = HostKeys.load([path])
    keys.accept(path, "one.dc1", "ssh-ed25519", blob())
    assert status(keys, "one.dc1") == status(HostKeys.load([path]), "one.dc1") == "known"
    assert status(keys, "one.dc1", 2) == "changed"
