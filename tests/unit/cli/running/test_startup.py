"""What a command loads before it answers: who asks for the version does not wait for models, and so on.

No time is measured here: `make bench` does that (docs/benchmarks.md).
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

CAPTURE = Path(__file__).parents[3] / "fixtures/captures/v3.32/rr_ok_dual/node1.stdout.txt"
#: Runs the command line and prints, as the last line, the modules that were loaded.
SCRIPT = """
import sys
from calico_bgp.__main__ import main
try:
    main()
finally:
    print()
    print(*sys.modules)
"""
HEAVY = {"rich", "yaml", "paramiko", "aiohttp", "asyncio", "logging"}
COMPLETION = {"_CALICO_BGP_COMPLETE": "bash_complete", "COMP_WORDS": "calico-bgp pa", "COMP_CWORD": "1"}


def run(*arguments, **environment):
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env=os.environ | environment,
    )
    *output, modules = done.stdout.splitlines()
    return output, set(modules.split()), done


@pytest.mark.parametrize(
    ("arguments", "environment", "says"),
    [(("--version",), {}, "version"), (("--help",), {}, "Usage"), ((), COMPLETION, "plain,parse")],
    ids=["version", "help", "completion"],
)
def test_the_command_itself_loads_no_model_and_no_subcommand(arguments, environment, says):
    output, modules, done = run(*arguments, **environment)
    assert says in output[0], done.stderr
    assert not modules & {"pydantic", "importlib.metadata", *HEAVY}
    assert {name for name in modules if name.startswith("calico_bgp.cli.")} == {
        "calico_bgp.cli.main",
        "calico_bgp.cli.running",
        "calico_bgp.cli.running.signals",
        "calico_bgp.cli.running.streams",
    }


#: What looks into zip files and makes temporary ones, and the names of HTML's entities.
UNUSED = {"importlib.resources", "zipfile", "tempfile", "shutil", "html.entities"}


@pytest.mark.parametrize("form", ["text", "json"])
def test_parse_loads_what_a_table_needs(form):
    output, modules, done = run("parse", "--format", form, str(CAPTURE))
    assert "192.0.2.13" in "\n".join(output), done.stderr
    assert not modules & {
        "calico_bgp.model.snapshot",
        "calico_bgp.model.resources",
        "calico_bgp.parse.hosts.reader",
        "calico_bgp.sources",
        *HEAVY,
    }


#: What pydantic loads when it makes the first validator.
VALIDATORS = "importlib.metadata"


def test_to_list_what_a_table_holds_no_validator_is_made():
    output, modules, done = run("parse", str(CAPTURE))
    assert "    192.0.2.13  node specific  up  07:04:37  Established" in output, done.stderr
    assert not modules & {VALIDATORS, "json", *UNUSED, "calico_bgp.model.reading", "calico_bgp.model.inventory"}


def test_to_explain_a_few_words_neither_tables_nor_rules_nor_colours_are_loaded():
    output, modules, done = run("explain", "Active Socket: Connection refused", COLUMNS="")
    assert output[0] == "Active Socket: Connection refused", done.stderr
    assert not modules & {VALIDATORS, "textfsm", "rich", "calico_bgp.rules.rule", "calico_bgp.causes.cause"}


def test_completion_names_the_subcommands_with_their_help_and_the_options():
    output, _, _ = run(**COMPLETION | {"COMP_WORDS": "calico-bgp p"})
    assert [line for line in output if line] == ["plain,plan", "plain,parse"]
    output, _, _ = run(**COMPLETION | {"COMP_WORDS": "calico-bgp --v"})
    assert [line for line in output if line] == ["plain,--version"]
    output, _, _ = run(
        **COMPLETION | {"_CALICO_BGP_COMPLETE": "fish_complete", "COMP_WORDS": "calico-bgp lin", "COMP_CWORD": "lin"}
    )
    assert output[0].startswith("plain,lint\tSay which of Calico's resources")
