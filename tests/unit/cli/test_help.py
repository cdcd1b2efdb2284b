"""Help that is read: 80 columns, what matters first, the rest one option away; and what is said of a slip."""

import re

import click
import pytest

from calico_bgp.cli.help.help import GROUPS as OPTION_GROUPS
from calico_bgp.cli.help.help import RARE
from calico_bgp.cli.main import COMMANDS, GROUPS, cli


def leaves():
    """(words, command) of every command that does something."""
    context = click.Context(cli)
    for name in COMMANDS:
        command = cli.get_command(context, name)
        if isinstance(command, click.Group):
            yield from (((name, each), command.get_command(context, each)) for each in command.list_commands(context))
        else:
            yield (name,), command


ALL = sorted(leaves(), key=lambda leaf: leaf[0])
WORDS = [words for words, _ in ALL]


def options(text):
    found = re.search(r"^(?:Options|Source|Output|Help):$.*?^  -h, ", text, re.MULTILINE | re.DOTALL)
    return re.findall(r"^  (--?[A-Za-z-]+)", found[0], re.MULTILINE) if found else []


def test_the_screen_of_the_program(run_cli):
    text = run_cli("--help").stdout
    assert len(text.splitlines()) <= 64
    headings = re.findall(r"^([A-Z][\w ]*):$", text, re.MULTILINE)
    assert headings == ["Options", *GROUPS]
    shown = re.findall(r"^  ([a-z-]+) {2,}[A-Z]", text, re.MULTILINE)
    assert shown == list(COMMANDS) == [name for group in GROUPS.values() for name in group]


@pytest.mark.parametrize("words", [(), *WORDS, ("plan",), ("lab",)], ids=" ".join)
@pytest.mark.parametrize("option", ["--help", "--help-all"])
def test_it_fits_80_columns(run_cli, words, option):
    result = run_cli(*words, option)
    assert result.exit_code == 0
    assert [line for line in result.stdout.splitlines() if len(line) > 80] == []


@pytest.mark.parametrize("words", WORDS, ids=" ".join)
def test_it_shows_few_options_and_help_all_the_rest(run_cli, words):
    command = dict(ALL)[words]
    short, everything = options(run_cli(*words, "--help").stdout), options(run_cli(*words, "--help-all").stdout)
    all_names = {name for p in command.params if isinstance(p, click.Option) for name in p.opts}
    assert len([name for name in short if name not in {"-h", "--help-all"}]) <= 10
    if "--help-all" in short:
        assert set(short) < set(everything)
    else:
        assert short == everything
    if everything:
        own = {p.opts[0] for p in command.get_params(click.Context(command)) if isinstance(p, click.Option)}
        assert own - {"--help", "--help-all"} <= set(everything) | {name for name in own if not name.startswith("--")}
    assert set(short) <= all_names | {"--help-all", "-h"}


def test_every_name_of_the_groups_is_an_option():
    known = {name for _, command in ALL for p in command.params if isinstance(p, click.Option) for name in p.opts}
    assert known >= RARE
    assert {name for names in OPTION_GROUPS.values() for name in names} <= known


def test_help_all_has_every_group(run_cli):
    text = run_cli("status", "--help-all").stdout
    headings = re.findall(r"^(\w+):$", text, re.MULTILINE)
    assert headings == ["Options", "Source", "Kubernetes", "SSH", "Deadlines", "Output", "Help"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("adit",), "did you mean 'audit'?"),
        (("AUDIT",), "did you mean 'audit'?"),
        (("what-if",), "did you mean 'whatif'?"),
        (("drain", "node1"), "did you mean 'drain-check'?"),
        (("check",), "did you mean 'audit'?"),
        (("helath",), "did you mean 'audit'?"),
        (("plan", "reflector"), "did you mean 'reflectors'?"),
        (("zzz",), "there are audit, status,"),
        (("audit", "--snapshto", "x"), "--snapshot"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_a_slip_gets_a_suggestion(run_cli, words, says):
    result = run_cli(*words)
    assert result.exit_code == 2
    assert says in result.stderr


def test_a_file_in_the_place_of_a_command(run_cli, tmp_path):
    path = tmp_path / "prod.txt"
    path.write_text("node1\n")
    assert f"did you mean 'calico-bgp audit {path}'?" in run_cli(path).stderr


def test_help_of_a_command_in_the_way_of_others(run_cli):
    assert run_cli("help", "diff").stdout == run_cli("diff", "--help").stdout
    assert run_cli("help").stdout == run_cli("--help").stdout


def test_nothing_is_the_audit_of_the_default_source(run_cli):
    alone, audit = run_cli(), run_cli("audit")
    assert (alone.exit_code, alone.stderr) == (audit.exit_code, audit.stderr)
    assert "there is no kubeconfig with a current context" in alone.stderr
    assert "calico-bgp demo" in alone.stderr


@pytest.mark.parametrize("group", ["plan", "lab"])
def test_a_command_of_commands_alone_shows_its_help(run_cli, group):
    result = run_cli(group)
    assert result.exit_code == 2
    assert result.stderr == run_cli(group, "--help").stdout
    assert "..." not in result.stderr.split("Commands:")[1], "what a command does is told to its end"


def test_what_there_is_where_nothing_is_near(run_cli):
    assert "there is no command 'mesh'; the only one is 'reflectors'." in run_cli("plan", "mesh").stderr
    assert "there is no command 'qqq'; there are faults, up." in run_cli("lab", "qqq").stderr
