"""Three nodes' answers as programs print values, logs and files: each names its nodes, and nobody is lost."""

import json
import re

import pytest

from calico_bgp.auditing.engine import audit
from calico_bgp.auditing.pasted import snapshot_from_pasted
from calico_bgp.parse.pasted.hosts.names import names_of_file
from calico_bgp.parse.pasted.reader import parse_pasted
from tests.unit.parse.pasted.test_forms_of_people import ADDRESSES, SITUATIONS, VERDICTS, answer, before_each_line


def whole(answers):
    """Node and all that it printed, which ends as a program's output does."""
    return [(node, "\n".join([*lines, ""])) for node, lines in answers.items()]


def one_by_one(line):
    """A form with a text for each node; `line` makes it."""
    return lambda answers: "\n".join(line(node, said) for node, said in whole(answers))


def rows_of_a_log(heading, row):
    """A table of a log's viewer: a row for each line."""
    return lambda answers: "\n".join(
        [heading, *(row(node, line) for node, lines in answers.items() for line in lines), ""]
    )


PODS = {"node1": "calico-node-4xkzp", "node2": "calico-node-9bq2l", "node3": "calico-node-wv7fd"}
FORMS = {
    "map_of_go": lambda answers: "map[" + " ".join(f"{node}:{said}" for node, said in whole(answers)) + "]",
    "source_of_go": lambda answers: (
        "map[string]string{" + ", ".join(f"{json.dumps(n)}:{json.dumps(said)}" for n, said in whole(answers)) + "}"
    ),
    "hash_of_ruby": lambda answers: (
        "{" + ", ".join(f"{json.dumps(node)}=>{json.dumps(said)}" for node, said in whole(answers)) + "}"
    ),
    "print_r_of_php": lambda answers: (
        "Array\n(\n" + "\n".join(f"    [{node}] => {said}" for node, said in whole(answers)) + "\n)"
    ),
    "dumper_of_perl": lambda answers: (
        "$VAR1 = {\n" + "\n".join(f"          '{node}' => '{said}'," for node, said in whole(answers)) + "\n        };"
    ),
    "tuples_of_python": lambda answers: repr(whole(answers)),
    "xml": one_by_one(lambda node, said: f'<host name="{node}"><output>{said}</output></host>'),
    "confluence": one_by_one(
        lambda node, said: (
            f'<ac:structured-macro ac:name="code"><ac:parameter ac:name="title">{node}</ac:parameter>'
            f"<ac:plain-text-body><![CDATA[{said}]]></ac:plain-text-body></ac:structured-macro>"
        )
    ),
    "cells_behind_tabs": lambda answers: (
        "node\tstatus\n" + "\n".join(f'{node}\t"{said.rstrip()}"' for node, said in whole(answers))
    ),
    "documents_a_line": one_by_one(lambda node, said: json.dumps({"node": node, "output": said})),
    "documents_a_line_with_names": one_by_one(lambda node, said: json.dumps({"name": node, "stdout": said, "rc": 0})),
    "salt_raw": one_by_one(lambda node, said: repr({node: said})),
    "salt_ssh": one_by_one(
        lambda node, said: (
            f"{node}:\n    ----------\n    retcode:\n        0\n    stderr:\n    stdout:\n"
            + "\n".join(f"        {line}" for line in said.split("\n"))
        )
    ),
    "elastic": lambda answers: "\n".join(
        json.dumps({"@timestamp": "2026-11-30T10:00:00Z", "host": {"name": node}, "message": line})
        for node, lines in answers.items()
        for line in lines
    ),
    "gelf": lambda answers: "\n".join(
        json.dumps({"version": "1.1", "host": node, "short_message": line})
        for node, lines in answers.items()
        for line in lines
    ),
    "log_behind_commas": rows_of_a_log("Date,Line,node", lambda node, line: f'2026-11-30T10:00:00.1Z,"{line}",{node}'),
    "log_in_quotes": rows_of_a_log(
        "Date,Host,Service,Message", lambda node, line: f'"2026-11-30T10:00:00.000Z","{node}","status","{line}"'
    ),
    "log_behind_tabs": rows_of_a_log("time\thost\tline", lambda node, line: f"1764500000\t{node}\t{line}"),
    **{
        name: lambda answers, prefix=prefix: "\n".join(before_each_line(prefix)(answers))
        for name, prefix in {
            "mpssh": lambda node, _: f"{node} -> ",
            "fat_arrow": lambda node, _: f"{node} => ",
            "polysh": lambda node, _: f"{node} : ",
            "capistrano": lambda node, _: f" ** [out :: {node}] ",
            "kail": lambda node, _: f"default/{node}[status]: ",
            "tekton": lambda node, _: f"[{node} : run] ",
            "journal_short_full": lambda node, _: f"Mon 2026-11-30 10:00:00 UTC {node} status.sh[123]: ",
            "journal_short_full_in_berlin": lambda node, _: f"Mon 2026-11-30 10:00:00 CET {node} status.sh[123]: ",
            "kibana": lambda node, number: f"Nov 30, 2026 @ 10:00:00.{number:03}\t{node}\t",
            "grep_in_a_folder": lambda node, _: f"out/{node}.txt:",
            "grep_with_numbers": lambda node, number: f"out/{node}.txt:{number}:",
            "grep_with_lines_around": lambda node, number: f"{node}.log{':' if number % 3 else '-'}",
        }.items()
    },
    "pod_of_a_node": one_by_one(lambda node, said: f"{node} {PODS[node]}\n{said}"),
    "pod_and_its_node": one_by_one(lambda node, said: f"=== {PODS[node]} ({node}) ===\n{said}"),
    "pod_asked_below_its_node": one_by_one(
        lambda node, said: (
            f"+ echo {node}\n{node}\n"
            f"+ kubectl exec -n calico-system {PODS[node]} -c calico-node -- calico-node -show-status\n{said}"
        )
    ),
    "keys_called_as_files": one_by_one(
        lambda node, said: f"  {node}.txt: |\n" + "\n".join(f"    {line}" for line in said.split("\n"))
    ),
}


@pytest.mark.parametrize("other_name", ["node", "worker-"])
@pytest.mark.parametrize("situation", SITUATIONS)
@pytest.mark.parametrize("form", FORMS)
def test_every_node_is_named_and_judged(form, situation, other_name):
    """Of worker-a no digit tells that it is a machine."""
    text = FORMS[form](SITUATIONS[situation])
    names = list(ADDRESSES)
    if other_name == "worker-":
        text = re.sub(r"node([123])\b", lambda found: f"worker-{'_abc'[int(found[1])]}", text)
        names = ["worker-a", "worker-b", "worker-c"]
    statuses = parse_pasted(text + "\n")
    assert sorted(str(status.node) for status in statuses) == names
    assert audit(snapshot_from_pasted(statuses)).verdict is VERDICTS[situation]


def test_one_file_of_a_search_is_a_ticket():
    """`grep -n . ticket-17.txt`: the file is nobody's."""
    lines = [f"ticket-17.txt:{number}:{line}" for number, line in enumerate(answer("node1"), start=1)]
    (status,) = parse_pasted("\n".join(lines))
    assert (status.node, len(status.peers)) == (None, 2)


@pytest.mark.parametrize("said", ["Killed", "", "timed out"])
def test_a_file_of_a_search_that_says_nothing(said):
    lines = [f"out/{node}.txt:{line}" for node in ("node1", "node2") for line in answer(node)]
    statuses = parse_pasted("\n".join([*lines, f"out/node3.txt:{said}"]))
    assert sorted(str(status.node) for status in statuses) == list(ADDRESSES)
    assert audit(snapshot_from_pasted(statuses)).verdict is VERDICTS["unread"]


@pytest.mark.parametrize(
    "sentence",
    [
        "node3 gave nothing (ssh: connect to host node3 port 22: No route to host), sorry",
        '  "error": "ssh: Could not resolve hostname node3: Name or service not known",',
        "[node3]: UNREACHABLE! (timed out)",
    ],
)
def test_a_complaint_inside_a_sentence(sentence):
    """It names a host that was not read, wherever it stands."""
    lines = [line for node in ("node1", "node2") for line in (f"== {node} ==", *answer(node))]
    statuses = parse_pasted("\n".join([*lines, sentence]))
    assert sorted(str(status.node) for status in statuses) == list(ADDRESSES)
    assert audit(snapshot_from_pasted(statuses)).verdict is VERDICTS["unread"]


@pytest.mark.parametrize(
    ("file", "host"),
    [
        ("node3.stdout", "node3"),
        ("out/node3.stdout.txt", "node3"),
        ("calicoctl-node3.txt", "node3"),
        ("node3-calicoctl-node-status.txt", "node3"),
        ("worker-a_2026-11-30.log", "worker-a"),
        ("bgp-worker-a-20261130T1000.txt", "worker-a"),
        ("node1.prod.example.com.out", "node1.prod.example.com"),
        # What is left would be no name.
        ("bgp-1.txt", "bgp-1"),
        ("calico-w1.txt", "calico-w1"),
    ],
)
def test_whose_a_file_is(file, host):
    assert [named.host for named in names_of_file(file)] == [host]


def test_a_silent_machine_of_those_that_call_themselves_the_same():
    """That another `ubuntu` answered says nothing of this one."""
    lines = [line for node in ("node1", "node2") for line in ("root@ubuntu:~# calicoctl node status", *answer(node))]
    statuses = parse_pasted("\n".join([*lines, "root@ubuntu:~# calicoctl node status", "Need super user privileges"]))
    snapshot = snapshot_from_pasted(statuses)
    assert [failure.host for failure in snapshot.failures] == ["ubuntu (3)"]
    assert audit(snapshot).verdict is VERDICTS["unread"]


@pytest.mark.parametrize("situation", ["down", "unread"])
def test_nodes_of_two_clusters_are_called_the_same(situation):
    """The second cluster's three were taken for later texts of the first one's, and those left out."""
    first, second = (
        "\n".join(line for node, lines in answers.items() for line in (f"== {node} ==", *lines))
        for answers in (SITUATIONS[situation], SITUATIONS["healthy"])
    )
    snapshot = snapshot_from_pasted(parse_pasted("\n".join([first, second.replace("10.0.0.", "10.9.0.")])))
    assert len(snapshot.readings) + len(snapshot.failures) == 6
    assert audit(snapshot).verdict is not VERDICTS["healthy"]
