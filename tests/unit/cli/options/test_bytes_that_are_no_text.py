"""Arguments that are no UTF-8: wrong usage, unless they name a file, which may be called by any bytes."""

from importlib import import_module

import click
import pytest
from click.testing import CliRunner

from calico_bgp.cli.help.typed import names_files
from calico_bgp.cli.main import COMMANDS, cli

WORD = "a\udcffb"
TABLE = """IPv4 BGP status
+--------------+-------------------+-------+------------+-------------+
| PEER ADDRESS |     PEER TYPE     | STATE |   SINCE    |    INFO     |
+--------------+-------------------+-------+------------+-------------+
| 10.0.0.2     | node-to-node mesh | up    | 2026-11-01 | Established |
| 10.0.0.3     | node-to-node mesh | up    | 2026-11-01 | Established |
+--------------+-------------------+-------+------------+-------------+
"""
SHOWN = r"'a\xffb' is not text in UTF-8."


def text_options():
    """(subcommand, option) of each option that takes a text of any kind."""
    for name, (module, _) in COMMANDS.items():
        command = import_module(f"calico_bgp.cli.{module}").command
        commands = (
            {(name, each): sub for each, sub in command.commands.items()}
            if isinstance(command, click.Group)
            else {(name,): command}
        )
        for words, each in commands.items():
            for param in each.params:
                if isinstance(param, click.Option) and not param.is_flag and not names_files(param):
                    yield (*words, max(param.opts, key=len))


@pytest.mark.parametrize("words", sorted(text_options()), ids=" ".join)
def test_no_option_takes_them(words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    result = CliRunner().invoke(cli, [*words, WORD])
    assert result.exit_code == 2, result.output
    assert "calico_bgp failed" not in result.output
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "arguments",
    [
        ("audit", "--cluster", WORD),
        ("audit", "--context", WORD),
        ("audit", "--limit", WORD),
        ("status", "--node", WORD),
        ("rbac", "--user", WORD),
        ("explain", WORD),
        ("drain-check", WORD),
        ("route", "192.0.2.0/24", "--to", WORD),
        ("demo", "--fault", WORD),
    ],
    ids=" ".join,
)
def test_the_message_shows_the_bytes(arguments):
    result = CliRunner().invoke(cli, arguments)
    assert result.exit_code == 2
    assert SHOWN in result.output


def test_the_environment_is_no_way_around(tmp_path, monkeypatch):
    (tmp_path / "ticket.txt").write_text(TABLE)
    monkeypatch.setenv("CALICO_BGP_CLUSTER", WORD)
    result = CliRunner().invoke(cli, ["audit", "--pasted", str(tmp_path / "ticket.txt")])
    assert result.exit_code == 2
    assert SHOWN in result.output


@pytest.mark.parametrize("form", ["text", "json", "markdown", "html", "junit", "svg", "mermaid", "prometheus"])
def test_a_file_may_be_called_so(form, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / WORD).write_text(TABLE)  # without a name: it is called by its place, and that by the file
    result = CliRunner().invoke(cli, ["audit", "--pasted", WORD, "--format", form])
    assert result.exit_code == 0, result.output
    assert CliRunner().invoke(cli, ["parse", WORD]).exit_code == 0
