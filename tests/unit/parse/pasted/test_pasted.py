"""What people paste into tickets: each form alone says what the plain answer says."""

from __future__ import annotations

import re

import pytest

from calico_bgp.errors import ParseError
from calico_bgp.model.peer import Family, PeerType
from calico_bgp.model.reading import DaemonState
from calico_bgp.parse.pasted.reader import parse_pasted

TABLE = """\
+--------------+-------------------+-------+----------+--------------------------------+
| PEER ADDRESS |     PEER TYPE     | STATE |  SINCE   |              INFO              |
+--------------+-------------------+-------+----------+--------------------------------+
| 192.0.2.12   | node-to-node mesh | up    | 07:13:23 | Established                    |
| 192.0.2.13   | node-to-node mesh | start | 07:13:30 | Passive BGP Error: Hold timer  |
|              |                   |       |          | expired                        |
+--------------+-------------------+-------+----------+--------------------------------+
"""
PLAIN = f"Calico process is running.\n\nIPv4 BGP status\n{TABLE}\nIPv6 BGP status\nNo IPv6 peers found.\n"
NO_BORDERS = "".join(line for line in PLAIN.splitlines(keepends=True) if not line.startswith("+"))


def only(text: str):
    (status,) = parse_pasted(text)
    return status


def prefixed(prefix: str) -> str:
    return "".join(prefix + line for line in PLAIN.splitlines(keepends=True))


OTHER_TABLE = """\
+----------+------------------+-----------+--------+------+
| GROUPING |       CIDR       | IPS TOTAL | IN USE | FREE |
+----------+------------------+-----------+--------+------+
| IP Pool  | 172.16.0.0/16    |     65536 | 8      | 65   |
| Block    | 172.16.222.64/26 |        64 | 4      | 60   |
+----------+------------------+-----------+--------+------+
"""


FORMS = {
    "comment": prefixed("# "),
    "comment without blanks behind": "\n".join(line.rstrip() for line in prefixed("# ").splitlines()),
    "slashes": prefixed("// "),
    "quoted": prefixed("> "),
    "quoted twice": prefixed("> > "),
    "block comment": prefixed(" * "),
    "indented": prefixed("    "),
    "tabs": prefixed("\t"),
    "trailing blanks": PLAIN.replace("\n", "   \t\n"),
    "CR LF": PLAIN.replace("\n", "\r\n"),
    "fence": f"```text\n{PLAIN}```\n",
    "tilde fence": f"~~~\n{PLAIN}~~~\n",
    "fence inside": PLAIN.replace("IPv4 BGP status\n", "IPv4 BGP status\n```\n").replace("\nIPv6", "```\nIPv6"),
    "pre": f"<pre>\n{PLAIN}</pre>\n",
    "pre on the line": f"<pre>{PLAIN}</pre>\n",
    "jira": f"{{noformat}}\n{PLAIN}{{noformat}}\n",
    "drawn": PLAIN.replace("|", "│").replace("-----", "─────").replace("+", "┼"),
    "colours": PLAIN.replace("Established", "\x1b[1;32mEstablished\x1b[0m").replace("IPv4", "\x1b[4mIPv4"),
    "colours without escape": PLAIN.replace("Established", "[32mEstablished[0m"),
    "no-break blanks": PLAIN.replace("  ", "\u00a0\u00a0"),
    "byte order mark": f"\ufeff{PLAIN}",
    "zero width": PLAIN.replace("192.0.2.12", "192.\u200b0.2.12"),
    "no borders": NO_BORDERS,
    "no outer borders": "\n".join(line.strip("|") for line in NO_BORDERS.splitlines()),
    "no left border": "\n".join(line.removeprefix("|") for line in NO_BORDERS.splitlines()),
    "no right border": "\n".join(line.removesuffix("|") for line in NO_BORDERS.splitlines()),
    "no pipes": NO_BORDERS.replace("|", " "),
    "odd borders": re.sub(r"\+-[-+]+\+", "========", PLAIN),
    "no last border": PLAIN.replace(f"+{'-' * 32}+\n\nIPv6", "+\n\nIPv6"),
    "un-aligned": re.sub(r" *\| *", "|", PLAIN),
    "wide": PLAIN.replace("|", "   |   "),
    "headings without table heading": PLAIN.replace(TABLE.splitlines()[1] + "\n", ""),
    "decorated headings": PLAIN.replace("IPv4 BGP status", "## IPv4 BGP status").replace(
        "IPv6 BGP status", "**IPv6 BGP status:**"
    ),
    "joined lines": PLAIN.replace("IPv6 BGP status\n", "IPv6 BGP status "),
    "blank lines between": PLAIN.replace("\n", "\n\n"),
    "prose around": f"Hi all,\n\nwe see this:\n\n{PLAIN}\nAny idea? ls | grep x | awk | sort | uniq\n",
    "another table below": f"{PLAIN}\n$ calicoctl ipam show\n{OTHER_TABLE}",
    "another table above": f"{OTHER_TABLE}\n{PLAIN}",
    "trailing prompt": f"{PLAIN}\n[root@node1 ~]# \n",
}


@pytest.mark.parametrize("form", FORMS)
def test_form_says_what_the_plain_answer_says(form):
    plain, status = only(PLAIN), only(FORMS[form])
    assert status.peers == plain.peers
    assert status.daemons == plain.daemons
    assert (status.felix_running, status.unrecognised, status.complete) == (True, (), True)
    assert status.node is None


@pytest.mark.parametrize("change", [str.lower, str.upper, str.title], ids=["lower", "upper", "title"])
def test_any_case(change):
    plain, status = only(PLAIN), only(change(PLAIN))
    assert [
        (p.address, p.peer_type, p.protocol_state, p.bgp_state, p.error.error_class if p.error else None)
        for p in status.peers
    ] == [
        (p.address, p.peer_type, p.protocol_state, p.bgp_state, p.error.error_class if p.error else None)
        for p in plain.peers
    ]
    assert [daemon.state for daemon in status.daemons] == [DaemonState.RUNNING, DaemonState.RUNNING]


def test_markdown_table():
    text = (
        "IPv4 BGP status\n\n| PEER ADDRESS | PEER TYPE | STATE | SINCE | INFO |\n|:---|---|:---:|---|---|\n"
        "| `192.0.2.12` | global | up | 07:13:23 | **Established** |\n"
        "| 192.0.2.13 | global | start | 07:13:30 | Active |\n"
    )
    status = only(text)
    assert [(peer.address_text, peer.info) for peer in status.peers] == [
        ("192.0.2.12", "Established"),
        ("192.0.2.13", "Active"),
    ]
    assert status.complete


class TestNodes:
    @pytest.mark.parametrize(
        ("command", "node"),
        [
            ("root@node1:~# calicoctl node status", "node1"),
            ("root@node1.dc1:~# calicoctl node status", "node1.dc1"),
            ("[root@node1 ~]# calicoctl node status", "node1"),
            ("[centos@k8s-node-1 /opt/calico]$ sudo calicoctl node status", "k8s-node-1"),
            ("[node1]# calicoctl node status", "node1"),
            ("node1:~ # calicoctl node status", "node1"),
            ("node1# calicoctl node status", "node1"),
            ("core@node1 ~ $ sudo ./calicoctl node status", "node1"),
            ("me@node1 ~ % calicoctl node status", "node1"),
            (
                "(venv) me@node1:/tmp$ sudo -E DATASTORE_TYPE=kubernetes /opt/bin/calicoctl-linux-amd64 node status",
                "node1",
            ),
            ("$ ssh node1 sudo calicoctl node status", "node1"),
            ("me@laptop:~$ ssh -tt -p 2222 -i ~/.ssh/id root@node1 'calicoctl node status'", "node1"),
            ("> root@node1:~# calicoctl node status", "node1"),
            ("# root@node1:~# calicoctl node status", "node1"),
            ("root@node1:~# calicoctl status", "node1"),
            ("root@node1:~# CALICOCTL NODE STATUS", "node1"),
            ("node1 | CHANGED | rc=0 >>", "node1"),
            ("==> node1 <==", "node1"),
            ("$ calicoctl node status", None),
            ("# calicoctl node status", None),
            ("calicoctl node status", None),
            ("sh-4.2# calicoctl node status", None),
            ("root@localhost:~# calicoctl node status", None),
            ("me@laptop:~$ kubectl exec -n kube-system calico-node-x7x -- calicoctl node status", None),
        ],
    )
    def test_prompt_names_the_node(self, command, node):
        status = only(f"some prose\n{command}\n{PLAIN}")
        assert (status.node, status.line, len(status.peers)) == (node, 2, 2)

    def test_prose_is_no_prompt(self):
        status = only(f"I ran calicoctl node status on node1\n{PLAIN}")
        assert (status.node, status.line) == (None, 2)

    def test_several_nodes(self):
        text = f"root@a:~# calicoctl node status\n{PLAIN}\nroot@b:~# calicoctl node status\n{PLAIN}root@b:~# exit\n"
        assert [(status.node, status.line, len(status.peers)) for status in parse_pasted(text)] == [
            ("a", 1, 2),
            ("b", 16, 2),
        ]

    def test_several_nodes_without_prompts(self):
        statuses = parse_pasted(f"node one:\n{PLAIN}\nnode two:\n{PLAIN}")
        assert [(status.line, len(status.peers), status.unrecognised) for status in statuses] == [
            (2, 2, ()),
            (17, 2, ()),
        ]

    def test_several_nodes_by_their_headings(self):
        headed = PLAIN.partition("\n\n")[2]
        assert [len(status.peers) for status in parse_pasted(f"one\n{headed}\ntwo\n{headed}")] == [2, 2]

    def test_several_nodes_by_their_tables(self):
        statuses = parse_pasted(f"one\n{TABLE}\ntwo\n{TABLE}")
        assert [(status.line, status.complete, len(status.peers)) for status in statuses] == [
            (2, True, 2),
            (11, True, 2),
        ]

    def test_command_that_was_refused(self):
        status = only("root@node1:~# calicoctl node status\n-bash: calicoctl: command not found\n")
        assert (status.node, status.messages) == ("node1", ("-bash: calicoctl: command not found",))
        assert (status.daemons, status.complete) == ((), False)

    @pytest.mark.parametrize(
        "text", ["", "hello\n", "root@node1:~# calicoctl node status\n", "a | b | c | d | e\n", TABLE[:90], OTHER_TABLE]
    )
    def test_no_block(self, text):
        assert parse_pasted(text) == ()


class TestTables:
    def test_without_heading_the_addresses_tell_the_family(self):
        status = only(TABLE + TABLE.replace("192.0.2.", "2001:db8::"))
        assert [peer.family for peer in status.peers] == [Family.IPV4, Family.IPV4, Family.IPV6, Family.IPV6]
        assert [daemon.family for daemon in status.daemons] == [Family.IPV4, Family.IPV6]

    def test_without_since(self):
        text = (
            "IPv4 BGP status\n| PEER ADDRESS | PEER TYPE | STATE | INFO |\n| 192.0.2.12 | global | up | Established |\n"
        )
        (peer,) = only(text).peers
        assert (peer.since, peer.info) == (None, "Established")
        (peer,) = only("IPv4 BGP status\n192.0.2.12  global  up  Established\n").peers
        assert (peer.since, peer.info) == (None, "Established")
        (peer,) = only("IPv4 BGP status\n| 192.0.2.12 | global | up |  | Established |\n").peers
        assert (peer.since, peer.info) == (None, "Established")

    def test_without_info(self):
        text = (
            "IPv4 BGP status\n| PEER ADDRESS | PEER TYPE | STATE | SINCE |\n| 192.0.2.12 | global | up | 12:34:56 |\n"
        )
        (peer,) = only(text).peers
        # BIRD says `up` of a session that is Established, and of no other.
        assert (peer.since, peer.info, peer.is_established) == ("12:34:56", "", True)

    def test_masked_addresses(self):
        status = only(PLAIN.replace("192.0.2", "x.x.x"))
        assert [(peer.address, peer.address_text, peer.family) for peer in status.peers] == [
            (None, "x.x.x.12", Family.IPV4),
            (None, "x.x.x.13", Family.IPV4),
        ]
        assert status.peers[1].info == "Passive BGP Error: Hold timer expired"

    def test_remark_between_tables_is_kept(self):
        text = PLAIN.replace("IPv6 BGP", "so far so good\nIPv6 BGP")
        assert [(line.line, line.text) for line in only(text).unrecognised] == [(12, "so far so good")]
        with pytest.raises(ParseError, match="so far so good"):
            parse_pasted(text, strict=True)

    def test_2015(self):
        text = (
            "calico-node container is running. Status: Up 15 hours\nRunning felix version 1.3.0rc5\n\nIPv4 BGP status\n"
            "IP: 192.0.2.11    AS Number: 64511 (inherited)\n"
            "+--------------+-------------------+-------+----------+-------------+\n"
            "| Peer address |     Peer type     | State |  Since   |     Info    |\n"
            "+--------------+-------------------+-------+----------+-------------+\n"
            "|  192.0.2.12  | node-to-node mesh |   up  | 17:32:26 | Established |\n"
            "+--------------+-------------------+-------+----------+-------------+\n\nIPv6 BGP status\n"
            "+--------------+-----------+-------+-------+------+\n"
            "| Peer address | Peer type | State | Since | Info |\n"
            "+--------------+-----------+-------+-------+------+\n"
            "+--------------+-----------+-------+-------+------+\n"
        )
        status = only(text)
        assert (status.felix_running, status.complete, status.unrecognised) == (True, True, ())
        assert [daemon.state for daemon in status.daemons] == [DaemonState.RUNNING, DaemonState.RUNNING]
        assert [(peer.address_text, peer.is_established) for peer in status.peers] == [("192.0.2.12", True)]

    def test_2015_with_names(self):
        text = (
            "IPv4 BGP status\n| Name | Protocol | Peer type | State | Since | Info |\n"
            "| Mesh_192_0_2_12 | BGP | node-to-node mesh | up | 17:32:26 | Established |\n"
            "| 192.0.2.13 | BGP | node-to-node mesh | up | 17:32:26 | Established |\n"
        )
        assert [(peer.address_text, peer.peer_type) for peer in only(text).peers] == [
            ("192.0.2.12", PeerType.MESH),
            ("192.0.2.13", PeerType.MESH),
        ]

    def test_prompt_glued_to_the_error(self):
        text = (
            "IPv6 BGP status\nError querying BIRD: unable to connect to BIRDv6 socket: "
            "dial unix /var/run/bird/bird6.ctl: connect: no such file or directory[root@x ~]# \n"
        )
        daemon = only(text).daemon(Family.IPV6)
        assert daemon.state is DaemonState.UNREACHABLE
        assert daemon.message.endswith("no such file or directory")


class TestCutOff:
    def test_never_passes_for_whole(self):
        end_of_table = PLAIN.index("\nIPv6")
        for length in range(PLAIN.index("IPv4"), len(PLAIN) - len(" found.\n")):
            cut = PLAIN[:length]
            # After a whole table, the beginning of its last border included, nothing shows that something followed.
            unseen = end_of_table - 90 < length < end_of_table + len("\nIPv6 BGP status")
            if not unseen and "IPv4 BGP status" in cut:
                assert not parse_pasted(cut)[-1].complete, cut[-40:]

    def test_invents_nothing(self):
        whole = only(PLAIN)
        for length in range(1, len(PLAIN)):
            for status in parse_pasted(PLAIN[:length]):
                for cut, peer in zip(status.peers, whole.peers, strict=False):
                    assert (cut.address, cut.peer_type, cut.protocol_state) == (
                        peer.address,
                        peer.peer_type,
                        peer.protocol_state,
                    )
                    assert cut.since in {peer.since, None}
                    assert cut.bgp_state in {peer.bgp_state, None}
                    assert peer.info.startswith(cut.info)

    def test_row_cut_in_the_address_is_kept_as_text(self):
        text = PLAIN[: PLAIN.index("192.0.2.13") + 8]
        status = only(text)
        assert [peer.address_text for peer in status.peers] == ["192.0.2.12"]
        assert [line.text for line in status.unrecognised] == ["| 192.0.2."]
        assert not status.complete


def test_rows_cut_off_on_the_right_keep_their_cells_and_are_said_to_be_cut():
    """A narrow terminal or `less -S` cuts every row: `up` is Established, and of `start` only the state is unknown."""
    rows = "".join(f"| 192.0.2.{n}   | global        | {state} | 07:03:50 | {info}\n" for n, state, info in (
        (12, "up   ", "Establis"), (13, "up   ", "Establis"), (14, "start", "Conne"),
    ))  # fmt: skip
    text = (
        "Calico process is running.\n\nIPv4 BGP status\n"
        "+--------------+---------------+-------+----------+---------\n"
        "| PEER ADDRESS | PEER TYPE     | STATE | SINCE    | INFO    \n"
        "+--------------+---------------+-------+----------+---------\n"
        f"{rows}+--------------+---------------+-------+----------+---------\n"
    )
    (status,) = parse_pasted(text)
    assert not status.complete
    assert [(peer.is_established, peer.since, peer.info) for peer in status.peers] == [
        (True, "07:03:50", ""),
        (True, "07:03:50", ""),
        (False, "07:03:50", ""),
    ]
    assert status.peers[2].bgp_state is None


def test_a_paste_that_begins_inside_a_table_is_not_whole():
    """The rows that had scrolled away are unknown, not missing."""
    (status,) = parse_pasted(
        "| 192.0.2.14   | node-to-node mesh | up | 06:48:20 | Established |\n+---+---+---+---+---+\n"
    )
    assert len(status.peers) == 1
    assert not status.complete


@pytest.mark.parametrize("deep", ["[" * 100_000, "{a: " * 100_000, "- " * 100_000])
def test_yaml_that_is_nested_without_end_costs_itself_only(deep):
    text = f"node1 | CHANGED =>\n  stdout: {deep}\n\nnode2 | CHANGED | rc=0 >>\n{PLAIN}"
    assert [(node.node, len(node.peers)) for node in parse_pasted(text)] == [("node1", 0), ("node2", 2)]
