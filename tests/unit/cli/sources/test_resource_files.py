"""Which files are read as resources, in which order, and what is said of those that cannot be."""

import io
import sys

import pytest

from calico_bgp.cli.sources import files, resource_files
from calico_bgp.cli.sources.resource_files import read_resources
from calico_bgp.errors import CalicoBGPError, ResourceError


def peer(name: str, rest: str = "spec: {}") -> str:
    return f"apiVersion: projectcalico.org/v3\nkind: BGPPeer\nmetadata: {{name: {name}}}\n{rest}\n"


@pytest.fixture
def write(tmp_path):
    def write(name, text):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        return str(path)

    return write


def test_folders_are_read_whole_in_order_without_what_is_hidden(write, tmp_path):
    wanted = [
        write("b.yaml", peer("b")),
        write("c.YML", peer("c")),
        write("z.json", "[]"),
        write("sub/a.yaml", peer("a")),
    ]
    for name in (".hidden.yaml", ".git/x.yaml", "notes.txt", "sub/README.md", "values.yaml.bak"):
        write(name, "no: [resource")
    resources = read_resources([str(tmp_path)])
    assert resources.sources == tuple(wanted)
    assert [found.name for found in resources.bgp_peers] == ["a", "b", "c"]
    assert resources.bgp_peers[0].place.source == wanted[3]


def test_a_file_named_twice_is_read_once_and_any_name_will_do(write, tmp_path):
    name = write("peers.txt", peer("a"))
    also = write("x/p.yaml", peer("b"))
    resources = read_resources([name, also, str(tmp_path / "x"), name])
    assert resources.sources == (name, also)


def test_standard_input(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"\xef\xbb\xbf" + peer("a").encode())))
    resources = read_resources(["-"])
    assert (resources.sources, str(resources.bgp_peers[0].place)) == (("-",), "-:1")


def test_a_missing_file(tmp_path):
    missing = str(tmp_path / "nodes.yaml")
    with pytest.raises(CalicoBGPError, match=r"does not exist\. Make it with `calicoctl get nodes -o yaml`"):
        read_resources([missing])


def test_a_folder_without_such_files(write, tmp_path):
    write("README.md", "")
    with pytest.raises(CalicoBGPError, match=r"holds no \*.yaml, \*.yml or \*.json file"):
        read_resources([str(tmp_path)])


def test_a_file_that_is_no_text(tmp_path):
    path = tmp_path / "latin.yaml"
    path.write_bytes(b"a: b\nc: \xff\n")
    with pytest.raises(CalicoBGPError, match=r"latin.yaml:2: not UTF-8 text"):
        read_resources([str(path)])


def test_a_file_that_may_not_be_read(write, monkeypatch):
    """Whoever runs the tests may be root, who may read everything: so the system's refusal is made here."""
    name = write("a.yaml", peer("a"))

    def refused(path, **_kwargs):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(files, "read_bounded", refused)
    with pytest.raises(CalicoBGPError, match=r"cannot read .*a\.yaml: Permission denied"):
        read_resources([name])


def test_a_file_of_more_than_is_read(write, monkeypatch):
    name = write("a.yaml", peer("a"))
    monkeypatch.setattr(resource_files, "LONGEST_RESOURCES", 20)
    with pytest.raises(CalicoBGPError, match=r"a.yaml: it has more than 20 bytes"):
        read_resources([name])
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(peer("a").encode())))
    with pytest.raises(CalicoBGPError, match="standard input: it has more than 20 bytes"):
        read_resources(["-"])


def test_all_that_is_wrong_is_said_at_once(write, tmp_path):
    wrong = [write("a.yaml", peer("a", "spec: []")), write("b.yaml", peer("b", "spec: {node: [x]}"))]
    with pytest.raises(ResourceError) as caught:
        read_resources(wrong)
    assert [(problem.source, problem.line) for problem in caught.value.problems] == [(wrong[0], 4), (wrong[1], 4)]
    with pytest.raises(CalicoBGPError) as both:
        read_resources([str(tmp_path / "missing.yaml"), *wrong])
    said = str(both.value)
    assert "missing.yaml does not exist" in said
    assert all(f"{name}:4: BGPPeer" in said for name in wrong)


def test_a_long_yaml_of_kubernetes_nodes_is_announced(write, monkeypatch, capsys):
    nodes = "apiVersion: v1\nitems:\n- apiVersion: v1\n  kind: Node\n  metadata:\n    name: a\nkind: List\n"
    names = [write("k.yaml", nodes), write("c.yaml", peer("a")), write("k.json", '{"apiVersion": "v1", "kind": "Pod"}')]
    read_resources(names)
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(resource_files, "LONG", 10)
    read_resources(names)
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith(f"reading {names[0]}: ")
    assert "`kubectl get nodes -o json`" in line


@pytest.mark.parametrize("nothing", ["", "---\n", '{"apiVersion": "v1", "kind": "List", "items": []}'])
def test_nothing_at_all_is_what_a_failed_program_prints(write, nothing):
    name = write("nodes.json", nothing)
    with pytest.raises(CalicoBGPError, match=r"no resource in .*nodes\.json: did what should have printed them fail"):
        read_resources([name])


def test_other_kinds_are_not_nothing(write):
    text = "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\n"
    assert read_resources([write("s.yaml", text)]).skipped[0].kind == "Secret"


def test_what_powershell_writes_is_read(tmp_path):
    (tmp_path / "p.yaml").write_bytes(peer("a").replace("\n", "\r\n").encode("utf-16"))
    assert [found.name for found in read_resources([str(tmp_path / "p.yaml")]).bgp_peers] == ["a"]
