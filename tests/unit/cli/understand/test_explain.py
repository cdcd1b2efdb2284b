"""`calico-bgp explain`: what a cell, a row, a message or a name means."""

import json

import pytest

from calico_bgp.causes.families import CAUSE_KINDS
from calico_bgp.messages.info.table import info_words

ROW = "10.0.0.2 | node specific | start | 10:20:30 | Active Socket: Connection refused"


@pytest.mark.parametrize(
    "words",
    [
        ("Active", "Socket:", "Connection", "refused"),
        ("Active Socket: Connection refused",),
        ("Active Socket:", "Connection refused"),
    ],
)
def test_quotes_or_not(run_cli, words):
    result = run_cli("explain", *words)
    assert result.exit_code == 0
    assert result.stdout.startswith("Active Socket: Connection refused\n")
    assert "nothing listens on its BGP port" in result.stdout
    assert "look at     the other end" in result.stdout


def test_a_whole_row(run_cli):
    result = run_cli("explain", ROW)
    assert result.exit_code == 0
    assert "row         10.0.0.2\n" in result.stdout
    assert "node specific:" in result.stdout


def test_what_goes_on_and_the_last_error_are_said_apart(run_cli):
    text = run_cli("explain", "Passive BGP Error: Bad peer AS").stdout
    assert text.index("now         Passive:") < text.index("last error  BGP Error:") < text.index("Bad peer AS: The AS")
    assert "it stays until the session is Established" in text


def test_standard_input_may_be_a_paste(run_cli, captures):
    result = run_cli("explain", "-", stdin=captures.texts("v3.33", "rr_ok_dual")["node1"])
    assert result.exit_code == 0
    assert "up Established\n" in result.stdout
    assert "Felix runs on this node" in result.stdout


def test_an_unknown_part_is_named_with_what_was_perhaps_meant(run_cli):
    result = run_cli("explain", "Idle", "BGP", "Error:", "Bad", "pear", "AS")
    assert result.exit_code == 1
    assert "now         Idle:" in result.stdout
    assert "not known   Bad pear AS: not in the table, which `calico-bgp explain --list` shows\n" in result.stdout
    assert "perhaps     Bad peer AS" in result.stdout


def test_a_socket_error_may_be_any_text(run_cli):
    result = run_cli("explain", "Active Socket: Protocol not available")
    assert result.exit_code == 1
    assert "C library" in result.stdout


def test_a_rule(run_cli):
    result = run_cli("explain", "isolated-node")
    assert result.exit_code == 0
    assert result.stdout.startswith("isolated-node: ")
    assert "What to do" in result.stdout


@pytest.mark.parametrize("kind", sorted(CAUSE_KINDS))
def test_every_kind_of_cause(run_cli, kind):
    result = run_cli("explain", kind)
    assert result.exit_code == 0
    assert result.stdout.startswith(f"{kind}: {CAUSE_KINDS[kind].title} (cause)\n")
    assert {"What it means", "What speaks for it", "What looks like it", "What fixes it"} <= set(
        result.stdout.splitlines()
    )


def test_a_cause_and_a_rule_of_one_name_are_both_shown(run_cli):
    for result in (run_cli("explain", "no-bgp"), run_cli("audit", "--explain", "no-bgp")):
        assert result.exit_code == 0
        assert {"What fixes it", "What to do"} <= set(result.stdout.splitlines())
    document = json.loads(run_cli("explain", "--format", "json", "no-bgp").stdout)
    assert [topic["id"] for topic in (*document["causes"], *document["rules"])] == ["no-bgp", "no-bgp"]


def test_a_rule_spelled_wrongly(run_cli):
    result = run_cli("explain", "isolated-nod")
    assert result.exit_code == 1
    assert "did you mean isolated-node?" in result.stderr


def test_the_whole_table(run_cli):
    text = run_cli("explain", "--list").stdout
    assert [words.text for words in info_words() if words.text not in text] == []
    table = json.loads(run_cli("explain", "--list", "--format", "json").stdout)["table"]
    assert [words["text"] for words in table] == [words.text for words in info_words()]


def test_json(run_cli):
    result = run_cli("explain", "--format", "json", ROW)
    document = json.loads(result.stdout)
    assert document["schema"] == "calico-bgp/explain/1"
    (answer,) = document["answers"]
    assert answer["known"]
    assert answer["rows"] == ["10.0.0.2"]
    assert [words["text"] for words in answer["words"]][-2:] == ["Connection refused", "node specific"]
    assert (
        json.loads(run_cli("explain", "--format", "json", "isolated-node").stdout)["rules"][0]["id"] == "isolated-node"
    )


def test_escape_sequences_and_much_text_do_no_harm(run_cli):
    result = run_cli("explain", "-", stdin="\x1b]0;owned\x07Active \u202eSocket: " + "z" * 100_000)
    assert result.exit_code == 1
    assert not {"\x1b", "\x07", "\u202e"} & set(result.stdout)
    assert len(result.stdout) < 3_000
    assert "only its beginning was read" in result.stdout


def test_bytes_that_are_no_text(run_cli):
    assert run_cli("explain", "-", stdin=b"Active Socket: Connection refused\n\xff\xfe\n").exit_code == 1


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ((), "say what to explain"),
        (("--list", "Active"), "--list takes no INFO"),
        ((" ",), "not a word"),
    ],
)
def test_wrong_usage(run_cli, args, message):
    result = run_cli("explain", *args)
    assert result.exit_code == 2
    assert message in result.stderr


def test_it_may_go_to_a_file(run_cli, tmp_path):
    assert run_cli("explain", "Idle", "-o", tmp_path / "idle.txt").stdout == ""
    assert (tmp_path / "idle.txt").read_text().startswith("Idle\n")
