"""Three nodes' answers in the forms of chats, wikis, logs and tools: each names its nodes, and nobody is lost."""

import html
import json
import re
from base64 import encodebytes

import pytest

from calico_bgp.auditing.engine import audit
from calico_bgp.auditing.pasted import snapshot_from_pasted
from calico_bgp.model.reports.report import Verdict
from calico_bgp.parse.pasted.files import called_by_file, silent
from calico_bgp.parse.pasted.reader import parse_pasted

ADDRESSES = {"node1": "10.0.0.1", "node2": "10.0.0.2", "node3": "10.0.0.3"}
UNREACHED = "ssh: connect to host {} port 22: Connection timed out"


def answer(node, down=()):
    """What `calicoctl node status` prints on a node of a mesh; towards the nodes of `down` the session is down."""
    border = "+--------------+-------------------+-------+------------+------------------------------------+"
    rows = [
        f"| {address:<12} | node-to-node mesh | {'start' if other in down else 'up':<5} | 2026-11-01 | "
        f"{'Connect Socket: Connection refused' if other in down else 'Established':<34} |"
        for other, address in ADDRESSES.items()
        if other != node
    ]
    heading = f"| PEER ADDRESS |     PEER TYPE     | STATE |   SINCE    |{'INFO':^36}|"
    table = [border, heading, border, *rows, border]
    return ["Calico process is running.", "", "IPv4 BGP status", *table, "", "IPv6 BGP status", "No IPv6 peers found."]


SITUATIONS = {
    "healthy": {node: answer(node) for node in ADDRESSES},
    "down": {"node1": answer("node1", ["node2"]), "node2": answer("node2", ["node1"]), "node3": answer("node3")},
    "unread": {"node1": answer("node1"), "node2": answer("node2"), "node3": [UNREACHED.format("node3")]},
}
VERDICTS = {"healthy": Verdict.HEALTHY, "down": Verdict.UNHEALTHY, "unread": Verdict.UNKNOWN}


def before_each_line(prefix):
    """A form in which something stands before every line."""
    return lambda answers: [
        f"{prefix(node, number)}{line}" for node, lines in answers.items() for number, line in enumerate(lines, start=1)
    ]


def prompted(prefix):
    """The same where the prefix names no node, and the prompt does."""
    form = before_each_line(prefix)
    return lambda answers: form(
        {node: [f"[root@{node} ~]# calicoctl node status", *lines] for node, lines in answers.items()}
    )


def between(above, below=()):
    """A form in which lines stand above and below every answer; `{}` in them is the node."""
    return lambda answers: [
        line
        for node, lines in answers.items()
        for line in (*(each.format(node) for each in above), *lines, *(each.format(node) for each in below))
    ]


def terminal_of(width):
    """A form in which a terminal cut every line at its width."""
    prompted_lines = between(["root@{}:~# calicoctl node status"])
    return lambda answers: [
        line[at : at + width].rstrip() for line in prompted_lines(answers) for at in range(0, max(1, len(line)), width)
    ]


def panes(answers):
    """Three panes of tmux beside one another."""
    columns = [[f"root@{node}:~# calicoctl node status", *lines] for node, lines in answers.items()]
    height = max(map(len, columns))
    padded = [[line.ljust(95) for line in (*column, *[""] * (height - len(column)))] for column in columns]
    return ["\u2502".join(lines).rstrip() for lines in zip(*padded, strict=True)]


def columns_of_pr(answers):
    columns = [[f"{node}:", *lines] for node, lines in answers.items()]
    height = max(map(len, columns))
    padded = [[line.ljust(96) for line in (*column, *[""] * (height - len(column)))] for column in columns]
    return ["".join(lines).rstrip() for lines in zip(*padded, strict=True)]


def framed(answers):
    """What rich's panels look like: the name in the frame's ceiling."""
    said = []
    for node, lines in answers.items():
        width = max(map(len, lines)) + 2
        said += ["\u256d" + f" {node} ".center(width, "\u2500") + "\u256e"]
        said += ["\u2502 " + line.ljust(width - 1) + "\u2502" for line in lines]
        said += ["\u2570" + "\u2500" * width + "\u256f"]
    return said


def cells_of_html(answers):
    said = ["<table>"]
    for node, lines in answers.items():
        said += f"<tr><td>{node}</td><td><pre>{html.escape(chr(10).join(lines))}</pre></td></tr>".split("\n")
    return [*said, "</table>"]


def cells_of_markdown(answers):
    cells = {node: "<br>".join(line.replace("|", r"\|") for line in lines) for node, lines in answers.items()}
    return ["| node | status |", "|---|---|", *(f"| {node} | {cell} |" for node, cell in cells.items())]


def splunk(answers):
    rows = (f'"2026-11-30T10:00:00.000+0000",{node},"' + "\n".join(lines) + '"' for node, lines in answers.items())
    return ['"_time",host,"_raw"', *"\n".join(rows).split("\n")]


def mail_in_base64(answers):
    body = "\n".join(between(["On {}:"])(answers)).encode()
    return [
        "Content-Type: text/plain",
        "Content-Transfer-Encoding: base64",
        "",
        *encodebytes(body).decode().split("\n"),
    ]


def asciinema(answers):
    lines = between(["root@{}:~# calicoctl node status"])(answers)
    events = [json.dumps([number / 10, "o", f"{line}\r\n"]) for number, line in enumerate(lines)]
    return [json.dumps({"version": 2, "width": 120, "height": 40}), *events]


def edited(answers):
    """What script(1) records of somebody who types `stauts`, goes back and types over, and of `more`."""
    typed = "calicoctl node stauts\b\b\b\btus\x1b[K"
    more = "--More--\b\b\b\b\b\b\b\b        \b\b\b\b\b\b\b\b"
    said = []
    for node, lines in answers.items():
        said += [f"\x1b[01;32mroot@{node}\x1b[00m:~# {typed}", *lines[:6], *(f"{more}{line}" for line in lines[6:])]
    return said


def chat_export(answers):
    messages = [
        {"type": "message", "user": "U1", "text": f"{n}:\n```" + "\n".join(ls) + "```"} for n, ls in answers.items()
    ]
    return json.dumps(messages, indent=1).split("\n")


def spreadsheet(answers):
    return [
        "node,status",
        *"\n".join(f'{node},"' + "\n".join(lines) + '"' for node, lines in answers.items()).split("\n"),
    ]


def unixy(answers):
    """What ansible prints with the callback of that name."""
    said = []
    for node, lines in answers.items():
        if len(lines) > 1:
            said += [f"  {node} changed | stdout: {lines[0]}", *lines[1:]]
        else:
            said += [f"  {node} unreachable | msg: Failed to connect to the host via ssh: {lines[0]}"]
    return said


def journal_export(answers):
    """What `journalctl -o export` prints: a record for each line, its fields in any order."""
    return [
        field
        for node, lines in answers.items()
        for number, line in enumerate(lines)
        for field in (f"__CURSOR=s=1;i={number}", "PRIORITY=6", f"MESSAGE={line}", f"_HOSTNAME={node}", "_PID=1", "")
    ]


def journal_verbose(answers):
    return [
        field
        for node, lines in answers.items()
        for line in lines
        for field in (
            "Mon 2026-11-30 10:00:00.123456 UTC [s=1;i=2]",
            f"    _HOSTNAME={node}",
            f"    MESSAGE={line}",
        )
    ]


def listed_by_powershell(answers, *, host_last=False):
    """What `Format-List` shows of objects."""
    said = []
    for node, lines in answers.items():
        host = [f"{'PSComputerName' if host_last else 'ComputerName':<14} : {node}"]
        output = [f"Output         : {lines[0]}", *(f"{'':17}{line}".rstrip() for line in lines[1:])]
        said += ["", *(output + host if host_last else host + output), "ExitCode       : 0"]
    return said


def read_from_a_picture(letters):
    """What a reader of pictures makes of the bars."""
    bars = dict(enumerate(letters))
    return lambda answers: [
        "".join(bars[place % len(bars)] if character == "|" else character for place, character in enumerate(line))
        for line in between(["== {} =="])(answers)
    ]


def ansible_console(answers):
    said = ["root@all (3)[f:5]$ calicoctl node status"]
    for node, lines in answers.items():
        unreached = lines[0].startswith("ssh")
        said += [f"{node} | UNREACHABLE! => {lines[0]}"] if unreached else [f"{node} | CHANGED | rc=0 >>", *lines]
    return said


def boxed(inside, corners="+-+|"):
    """A box around a text above every answer; `{}` in the text is the node."""
    left, line, right, bar = corners

    def lines(answers):
        for node, said in answers.items():
            text = inside.format(node).center(30)
            yield from (f"{left}{line * 32}{right}", f"{bar} {text} {bar}", f"{left}{line * 32}{right}", *said)

    return lambda answers: list(lines(answers))


FORMS = {
    "panes": panes,
    "columns_of_pr": columns_of_pr,
    "framed": framed,
    "cells_of_html": cells_of_html,
    "cells_of_markdown": cells_of_markdown,
    "splunk": splunk,
    "mail_in_base64": mail_in_base64,
    "asciinema": asciinema,
    "edited": edited,
    **{f"terminal_of_{width}": terminal_of(width) for width in (33, 40, 50, 53, 60, 72, 80)},
    "cat_with_ends": lambda answers: [f"{line}$" for line in between(["== {} =="])(answers)],
    "cat_with_ends_of_dos": lambda answers: [f"{line}^M$" for line in between(["== {} =="])(answers)],
    "ends_of_dos": lambda answers: [f"{line}^M" for line in between(["== {} =="])(answers)],
    "written_escapes": lambda answers: [f"^[[1m{line}^[[0m" for line in between(["== {} =="])(answers)],
    "markdown_with_backslashes": lambda answers: [
        re.sub(r"([-+|])", r"\\\1", line) for line in between(["**{}**", ""])(answers)
    ],
    "lines_of_csv": lambda answers: [f'{node},"{line}"' for node, lines in answers.items() for line in lines],
    "pulumi": before_each_line(lambda node, _: f" +  command:remote:Command {node} creating (1s) "),
    "pulumi_at_the_end": before_each_line(lambda node, _: f"    command:remote:Command ({node}): "),
    "tilt": before_each_line(lambda node, _: f"       {node} \u2502 "),
    "skaffold": before_each_line(lambda node, _: f"[{node} calico-node] "),
    "box": boxed("{}"),
    "box_drawn": boxed("{}", "\u250c\u2500\u2510\u2502"),
    "box_doubled_with_a_label": boxed("Node: {}", "\u2554\u2550\u2557\u2551"),
    "box_with_a_host": boxed("HOST: {}"),
    "german": between(["Ausgabe von {}:"]),
    "german_knoten": between(["Knoten: {}"]),
    "spanish": between(["--- Nodo {} ---"]),
    "french": between(["N\u0153ud {} :"]),
    "russian": between(["\u0423\u0437\u0435\u043b {}:"]),
    "chinese": between(["\u8282\u70b9 {}\uff1a"]),
    "chinese_brackets": between(["\u3010{}\u3011"]),
    "a_sentence": between(["and this is what `{}` says:", ""]),
    "nornir": between(["* {} ** changed : False *****", "vvvv run ** changed : False vvvv"], ["^^^^ END run ^^^^"]),
    "watch_german": between(["Alle 2,0s: calicoctl node status      {}: Mon Nov 30 10:00:00 2026", ""]),
    "numbered_chapters": lambda answers: [
        line for number, (node, lines) in enumerate(answers.items()) for line in (f"4.{number} {node}", "", *lines)
    ],
    "new_files_of_a_patch": lambda answers: [
        line
        for node, lines in answers.items()
        for line in ("--- /dev/null", f"+++ b/{node}.txt", "@@ -0,0 +1,14 @@", *(f"+{each}" for each in lines))
    ],
    "support_bundle": between(["==> bundle/{}/calico/calicoctl-node-status.txt <=="]),
    "support_bundle_of_birds": between(["==> bundle/{}/bird_protocols.txt <=="]),
    "paths": between(["# ./nodes/{}/calicoctl_node_status"]),
    "debugging_pods": between(["Creating debugging pod debug-{0}-abcde with container debugger on node {0}."]),
    "weechat": prompted(lambda _, number: f"10:00:{number:02}    joe | "),
    "compose": before_each_line(lambda node, _: f"{node}  | "),
    "klog": prompted(lambda _, number: f"I1130 10:00:00.123456   12345 status.go:{number}] "),
    "klog_of_the_kubelet": prompted(lambda _, number: f"E1130 10:00:00.123456       1 main.go:{number * 7}] "),
    "loki": before_each_line(lambda node, _: f'2026-11-30 10:00:00 {{node="{node}", pod="status-x"}} '),
    "vagrant": before_each_line(lambda node, _: f"==> {node}: "),
    "terraform": before_each_line(lambda node, _: f'null_resource.status["{node}"] (remote-exec): '),
    "pod_that_asks_all": lambda answers: [
        f"[pod/status-x/status] {line}" for node, lines in answers.items() for line in (f"NODE={node}", *lines)
    ],
    "latex": between([r"\subsection{{{}}}", r"\begin{{verbatim}}"], [r"\end{{verbatim}}"]),
    "latex_paragraph": between([r"\paragraph{{{}}}", r"\begin{{lstlisting}}[language=bash]"], [r"\end{{lstlisting}}"]),
    "asciidoc": between(["== {}", "", "----"], ["----", ""]),
    "asciidoc_block": between([".{}", "[source,text]", "----"], ["----", ""]),
    "jira": between(["h4. {}", "{{noformat}}"], ["{{noformat}}"]),
    "github_actions": between(["##[group]{}"], ["##[endgroup]"]),
    "markdown_link": between(["### [{}](https://wiki.example/x)", "```"], ["```"]),
    "fence_title": between(['```text title="{}"'], ["```"]),
    "spoiler": between(["```spoiler {}"], ["```"]),
    "discord": between(["**__{}__**", "```ansi"], ["```"]),
    "fence": between(["```{}"], ["```"]),
    "node_and_pod": between(["Node: {}, Pod: calico-node-abcde"]),
    "pod_and_node": between(["pod=calico-node-abcde node={}"]),
    "output_below_the_name": between(["{}", "   Output:"]),
    "chat_export": chat_export,
    "spreadsheet": spreadsheet,
    "unixy": unixy,
    "journal_export": journal_export,
    "journal_verbose": journal_verbose,
    "listed_by_powershell": listed_by_powershell,
    "listed_by_powershell_with_the_host_last": lambda answers: listed_by_powershell(answers, host_last=True),
    "read_from_a_picture": read_from_a_picture("I"),
    "read_from_a_picture_as_l": read_from_a_picture("l"),
    "read_from_a_picture_in_two_ways": read_from_a_picture("Il!|"),
    "ansible_console": ansible_console,
    "rfc5424": before_each_line(lambda node, _: f"<14>1 2026-11-30T10:00:00.123Z {node} bgp-status 123 - - "),
    "rundeck_with_a_level": before_each_line(lambda node, _: f"10:00:00 [root@{node} NORMAL] "),
    "teamcity": prompted(lambda _, number: f"[10:00:{number:02}] :\t [Step 1/1] "),
    "k9s": lambda answers: [f"\u2502 {line:<120} \u2502" for line in between(["== {} =="])(answers)],
    "html_of_a_mail": lambda answers: [
        "<html><body>"
        + "".join(f'<p>{node}:</p><pre style="a">{chr(10).join(lines)}</pre>' for node, lines in answers.items())
        + "</body></html>"
    ],
}


@pytest.mark.parametrize("situation", SITUATIONS)
@pytest.mark.parametrize("form", FORMS)
def test_every_node_is_named_and_judged(form, situation):
    statuses = parse_pasted("\n".join(FORMS[form](SITUATIONS[situation])) + "\n")
    assert sorted(str(status.node) for status in statuses) == list(ADDRESSES)
    assert audit(snapshot_from_pasted(statuses)).verdict is VERDICTS[situation]


@pytest.mark.parametrize(
    "line",
    [
        "Host key verification failed.",
        "root@node3: Permission denied (publickey).",
        "  msg: Failed to connect to the host via ssh: Connection refused",
        "kex_exchange_identification: Connection closed by remote host",
    ],
)
def test_a_host_that_was_not_reached_below_an_answer_is_another_one(line):
    """Who had answered was reached: the complaint was taken for one of that node, and lost."""
    text = "\n".join([*between(["== {} =="])({n: SITUATIONS["healthy"][n] for n in ("node1", "node2")}), line])
    statuses = parse_pasted(text)
    assert len(statuses) == 3
    assert audit(snapshot_from_pasted(statuses)).verdict is Verdict.UNKNOWN


def test_the_language_of_a_block_is_no_node():
    """The three answers were one node called `ansi`, and healthy."""
    blocks = between(["```ansi"], ["```"])
    for situation, verdict in VERDICTS.items():
        statuses = parse_pasted("\n".join(blocks(SITUATIONS[situation])))
        assert "ansi" not in {status.node for status in statuses}
        assert len(statuses) == 3
        assert audit(snapshot_from_pasted(statuses)).verdict is verdict


#: What is said in the place of an answer, without the name of whom it is about.
INSTEAD = (
    "error: timed out waiting for the condition",
    'error: unable to upgrade connection: container not found ("calico-node")',
    "Error from server (InternalError): an error on the server prevented the request from succeeding",
    "Error response from daemon: No such container: calico-node",
    "OCI runtime exec failed: exec failed: unable to start container process: unknown",
    "bash: calicoctl: command not found",
    "sudo: a password is required",
    "Need super user privileges: Operation not permitted",
)


@pytest.mark.parametrize("line", INSTEAD)
def test_who_answered_cannot_have_failed_to_answer(line):
    """Behind a whole answer it is another host's that nobody names: it was lost, and the others were healthy."""
    answers = [line for node in ("node1", "node2") for line in SITUATIONS["healthy"][node]]
    assert audit(snapshot_from_pasted(parse_pasted("\n".join([*answers, line])))).verdict is Verdict.UNKNOWN
    above = parse_pasted("\n".join([line, *answers]))
    assert audit(snapshot_from_pasted(above)).verdict is Verdict.HEALTHY


@pytest.mark.parametrize("line", INSTEAD)
@pytest.mark.parametrize("prompt", ["root@node1:~# ", "[root@node1 ~]# ", "$ ", "PS C:\\> "])
def test_a_complaint_about_another_command_is_nobodys(line, prompt):
    answers = [f"== {node} ==\n" + "\n".join(SITUATIONS["healthy"][node]) for node in ADDRESSES]
    text = "\n".join([*answers, f"{prompt}kubectl exec tools -- tcpdump", line])
    assert audit(snapshot_from_pasted(parse_pasted(text))).verdict is Verdict.HEALTHY


@pytest.mark.parametrize("line", ["sudo: unable to resolve host node1: Name or service not known", "exit status 1"])
def test_a_warning_behind_an_answer_is_its_own(line):
    """Standard error comes behind standard output, where a program keeps the two apart."""
    answers = [each for node in ADDRESSES for each in (*SITUATIONS["healthy"][node], line)]
    assert audit(snapshot_from_pasted(parse_pasted("\n".join(answers)))).verdict is Verdict.HEALTHY


@pytest.mark.parametrize(
    "above",
    [
        ["Welcome to Ubuntu (GNU/Linux 5.15.0-{number}-generic x86_64)"],
        ["Last login: Mon Nov 30 09:0{number}:00 2026 from 10.0.0.25{number}"],
        ["calicoctl v3.{number}.0"],
        ["the same on every-node"],
    ],
)
def test_what_changes_above_answers_need_not_be_a_name(above):
    answers = [
        each
        for number, node in enumerate(ADDRESSES)
        for each in (*(line.format(number=number) for line in above), *SITUATIONS["down"][node])
    ]
    statuses = parse_pasted("\n".join(answers))
    assert [status.node for status in statuses] == [None] * 3
    assert audit(snapshot_from_pasted(statuses)).verdict is Verdict.UNHEALTHY


def test_answers_that_begin_in_one_line_are_several_nodes():
    """Two of them had one name, and were one node."""
    lines = [line.ljust(96) for line in SITUATIONS["healthy"]["node1"]]
    beside = [f"{left}{right}" for left, right in zip(lines, SITUATIONS["healthy"]["node2"], strict=True)]
    pasted = "\n".join([*beside, *SITUATIONS["healthy"]["node3"]])
    snapshot = snapshot_from_pasted(parse_pasted(pasted))
    assert [reading.host for reading in snapshot.readings] == ["stdin:1", "stdin:1 (2)", f"stdin:{len(beside) + 1}"]
    assert audit(snapshot).verdict is Verdict.HEALTHY
    objects = json.dumps([{"stdout": "\n".join(lines)} for lines in SITUATIONS["down"].values()])
    assert audit(snapshot_from_pasted(parse_pasted(objects))).verdict is Verdict.UNHEALTHY


@pytest.mark.parametrize("cut", range(5, 14))
def test_a_terminals_width_hides_no_end(cut):
    """A text that ends inside of a wrapped row ends inside of its table."""
    whole = terminal_of(50)({"node1": SITUATIONS["healthy"]["node1"]})
    status = parse_pasted("\n".join(whole[:cut]))
    assert all(not each.complete for each in status)


def test_a_drawn_table_is_no_pane():
    drawn = str.maketrans({"|": "\u2502", "-": "\u2500", "+": "\u253c"})
    lines = between(["== {} =="])(
        {n: [line.translate(drawn) for line in ls] for n, ls in SITUATIONS["healthy"].items()}
    )
    assert audit(snapshot_from_pasted(parse_pasted("\n".join(lines)))).verdict is Verdict.HEALTHY


@pytest.mark.parametrize("said", [["Killed"], [""], ["timed out"]])
@pytest.mark.parametrize("form", ["compose", "tilt", "pulumi_at_the_end", "lines_of_csv", "vagrant"])
def test_a_host_that_only_a_prefix_names_is_one(form, said):
    """Its lines were nobody's, for no answer stands in them."""
    answers = SITUATIONS["healthy"] | {"node3": said}
    statuses = parse_pasted("\n".join(FORMS[form](answers)))
    assert [status.node for status in statuses] == list(ADDRESSES)
    assert audit(snapshot_from_pasted(statuses)).verdict is Verdict.UNKNOWN


def test_a_prefix_of_another_kind_of_name_is_no_host():
    text = "\n".join([*FORMS["compose"](SITUATIONS["healthy"]), "postgres  | checkpoint complete"])
    assert audit(snapshot_from_pasted(parse_pasted(text))).verdict is Verdict.HEALTHY


@pytest.mark.parametrize(
    "document",
    [
        lambda answers: [{"node": node, "out": "\n".join(lines)} for node, lines in answers.items()],
        lambda answers: {"all": {node: {"out": "\n".join(lines), "rc": "0"} for node, lines in answers.items()}},
    ],
)
def test_a_result_without_an_answer_beside_results_with_one_is_a_host(document):
    text = json.dumps(document(SITUATIONS["healthy"] | {"node3": [""]}), indent=1)
    statuses = parse_pasted(text)
    assert [status.node for status in statuses] == list(ADDRESSES)
    assert audit(snapshot_from_pasted(statuses)).verdict is Verdict.UNKNOWN


def borderless(lines):
    return [line.replace("|", " ") for line in lines if not line.startswith("+")]


def test_a_borderless_table_without_the_other_family_may_be_cut_behind_any_row():
    """Every release says something of both families; without borders nothing else shows where a table ends."""
    lines = borderless(SITUATIONS["healthy"]["node1"])
    last_row = max(place for place, line in enumerate(lines) if "Established" in line)
    assert [status.complete for status in parse_pasted("\n".join(lines))] == [True]
    for end in (last_row, last_row + 1, last_row + 2):
        assert [status.complete for status in parse_pasted("\n".join(lines[:end]))] == [False]


def test_a_borderless_table_alone_is_taken_as_it_stands():
    """Whoever pastes a table alone left out all else on purpose: nothing tells it from one that was cut there."""
    rows = [line for line in borderless(SITUATIONS["healthy"]["node1"]) if "PEER" in line or "Established" in line]
    assert [status.complete for status in parse_pasted("\n".join(rows))] == [True]


@pytest.mark.parametrize("situation", VERDICTS)
@pytest.mark.parametrize("name", ["{}.txt", "bundle/{}/calicoctl-node-status.txt", "{}/bird_status.log"])
def test_files_of_which_each_is_a_hosts(name, situation):
    answers = SITUATIONS[situation] | ({"node3": ["Killed"]} if situation == "unread" else {})
    statuses = []
    for node, lines in answers.items():
        file = name.format(node)
        said = parse_pasted("\n".join(lines), source=file)
        statuses += called_by_file(said, file) or (silent(file),)
    assert [(status.host, status.node) for status in statuses] == [(node, None) for node in ADDRESSES]
    assert audit(snapshot_from_pasted(statuses)).verdict is VERDICTS[situation]


def test_a_files_name_is_no_name_where_it_says_what_is_in_it():
    said = parse_pasted("\n".join(answer("node1")), source="ticket.txt")
    assert [status.host for status in called_by_file(said, "ticket.txt")] == [None]
    assert silent("ticket.txt").host == "ticket.txt"


def birds_table(node, down=()):
    """What `birdcl show protocols` prints."""
    rows = [
        f"Mesh_{address.replace('.', '_')} BGP      master   {'start' if other in down else 'up   '}  2026-11-01  "
        f"{'Connect       Socket: Connection refused' if other in down else 'Established   '}"
        for other, address in ADDRESSES.items()
        if other != node
    ]
    return ["BIRD 1.6.8 ready.", "name     proto    table    state  since       info", *rows]


@pytest.mark.parametrize("width", [61, 64, 68, 70, 80])
@pytest.mark.parametrize("down", [(), ("node2",)])
def test_a_terminal_that_cut_birds_rows_makes_no_second_node(width, down):
    """A row's end on a line of its own ended the table, and the rows below it were another node's."""
    whole = {"node1": birds_table("node1", down), "node2": birds_table("node2", ("node1",) if down else ())}
    lines = terminal_of(width)(whole | {"node3": birds_table("node3")})
    statuses = parse_pasted("\n".join(lines))
    assert [(status.node, len(status.peers)) for status in statuses] == [(node, 2) for node in ADDRESSES]
    assert audit(snapshot_from_pasted(statuses)).verdict is (Verdict.UNHEALTHY if down else Verdict.HEALTHY)


@pytest.mark.parametrize("situation", VERDICTS)
def test_a_dict_of_python(situation):
    text = repr({node: "\n".join(lines) for node, lines in SITUATIONS[situation].items()})
    statuses = parse_pasted(f"{text}\n")
    assert [status.node for status in statuses] == list(ADDRESSES)
    assert audit(snapshot_from_pasted(statuses)).verdict is VERDICTS[situation]


@pytest.mark.parametrize("text", ["{'a': 1 + ", "{'" + "[" * 5_000, "{'a': f()}", "['a', " * 2_000, "{'a': '\\ud800'}"])
def test_what_is_no_dict_of_python_is_read_by_its_lines(text):
    pasted = "\n".join([text, "stdout", *SITUATIONS["healthy"]["node1"]])
    assert [len(status.peers) for status in parse_pasted(pasted)] == [2]


@pytest.mark.parametrize("situation", ["healthy", "down"])
def test_a_name_that_every_machine_has_is_no_nodes(situation):
    """All texts but the last one were of the same node, earlier."""
    lines = [
        line for said in SITUATIONS[situation].values() for line in ("root@ubuntu:~# calicoctl node status", *said)
    ]
    snapshot = snapshot_from_pasted(parse_pasted("\n".join(lines)))
    assert [(reading.host, reading.node) for reading in snapshot.readings] == [
        (f"ubuntu ({number})", None) for number in (1, 2, 3)
    ]
    assert audit(snapshot).verdict is VERDICTS[situation]


def test_a_node_that_was_pasted_twice_is_one():
    earlier, later = answer("node1", down=["node2"]), answer("node1")
    text = "\n".join(line for said in (earlier, later) for line in ("root@node1:~# calicoctl node status", *said))
    assert [reading.node for reading in snapshot_from_pasted(parse_pasted(text)).readings] == ["node1", "node1"]


def test_hyphens_of_a_word_processor():
    lines = between(["== {} =="])(SITUATIONS["down"])
    text = "\n".join(line.replace("-", "\u2011") for line in lines)
    assert audit(snapshot_from_pasted(parse_pasted(text))).verdict is Verdict.UNHEALTHY
