"""docs/expect.md and docs/json.md promise what `calico-bgp expect` does: the examples are run."""

import json
import re
from pathlib import Path

import pytest
import yaml

DOCS = Path(__file__).parents[4] / "docs"
PAGE = (DOCS / "expect.md").read_text("utf-8")
JSON = (DOCS / "json.md").read_text("utf-8")


def block(title, page=PAGE):
    """The code block of a page that has this title."""
    (text,) = re.findall(rf'```\w+ title="{re.escape(title)}"\n(.*?)```', page, re.DOTALL)
    return text


@pytest.mark.parametrize(("quotes", "fixture"), [("without", "trap-unquoted"), ("with", "trap-quoted")])
def test_the_trap_is_what_the_command_prints(run_cli, fixtures, quotes, fixture):
    command = "calico-bgp expect resources/ --node a --node c1"
    arguments = [str(fixtures / "resources" / fixture), *command.split()[3:], "--width", "80"]
    assert run_cli("expect", *arguments).stdout == block(f"{command}, {quotes} quotes")


def test_the_traps_yaml_is_the_fixtures(fixtures):
    (text,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    spec = text[text.index("spec:") :]
    assert spec in (fixtures / "resources" / "trap-unquoted" / "peers.yaml").read_text("utf-8")
    with pytest.raises(yaml.constructor.ConstructorError):
        yaml.safe_load(text)


def test_the_commands_are_understood(run_cli, fixtures):
    (text,) = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
    for line in text.splitlines():
        words = line.partition("#")[0].split()[2:]
        path = str(fixtures / "resources" / "trap-quoted")
        arguments = [path if word == "resources/" else word.replace("node7", "c1") for word in words]
        assert run_cli("expect", *arguments).exit_code == 0


def test_the_library_example(fixtures, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    parts = sorted((fixtures / "resources" / "trap-unquoted").glob("*.yaml"))
    Path("resources.yaml").write_text("---\n".join(part.read_text("utf-8") for part in parts), encoding="utf-8")
    (text,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    exec(compile(text, "docs/expect.md", "exec"), {})
    assert capsys.readouterr().out == (
        "Global_10_0_0_1 global BGPPeer peer-with-route-reflectors (global)\n"
        "Global_10_0_0_2 global BGPPeer peer-with-route-reflectors (global)\n"
    )


def test_the_json_example_is_what_the_command_prints(run_cli, fixtures):
    path = fixtures / "resources" / "trap-unquoted"
    real = json.loads(run_cli("expect", path, "--format", "json", "--node", "a").stdout)
    example = json.loads(block("calico-bgp/expect/1", JSON))
    real["nodes"]["a"]["ipv4"] = real["nodes"]["a"]["ipv4"][:2]
    assert example == real


def test_every_field_of_the_json_is_documented():
    section = JSON.split("## calico-bgp/expect/1")[1].split("\n## ")[0]
    (peer, *_) = json.loads(block("calico-bgp/expect/1", JSON))["nodes"]["a"]["ipv4"]
    assert all(f"`{field}`" in section for field in peer)
