"""INFO in words: the table is whole, and a text is taken apart as BIRD put it together."""

import re
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calico_bgp.messages.info.entry import InfoWords, Part, Whose
from calico_bgp.messages.info.reading import MOST_ANSWERS, read_text
from calico_bgp.messages.info.table import LONGEST, entry_of, info_words, words_of, words_of_message
from calico_bgp.model.peer import BGPState, ErrorClass, PeerType

ROW = "10.0.0.2 | node specific | start | 10:20:30 | Active Socket: Connection refused"
#: As calicoctl wrapped INFO up to v3.32.
WRAPPED = """\
| 10.0.0.2 | node specific | start | 10:20:30 | Active Socket: Connection     |
|          |               |       |          | refused                       |
"""


def texts(explained):
    return [words.text for words in explained.words]


def read(text):
    (explained,) = read_text(text)
    return explained


# The table


@pytest.mark.parametrize("words", info_words(), ids=lambda words: f"{words.part}: {words.text}")
def test_every_entry_says_everything(words):
    assert words.meaning.endswith((".", ")."))
    assert words.meaning[0].isupper() or words.meaning.startswith(("calicoctl ", "calico-node", "confd ", "/var/"))
    assert words.next_steps
    assert not [step for step in words.next_steps if not step or step.endswith(".") or "; " in step]
    assert re.search(r"RFC \d{4}|\.c\b|\.go\b|\.template\b", words.source)
    assert set(re.findall(r"\{(\w*)\}", words.short)) <= {"near", "far"}
    assert isinstance(words.look_at, Whose)
    assert not {"{", "}"} & set("".join((words.meaning, *words.next_steps)))


ROW_OF_THE_FILE = {
    "part": "socket error",
    "text": "Connection refused",
    "also": ["Connection  declined"],
    "short": "{far} says no",
    "meaning": "It says\nno.",
    "look_at": "the other end",
    "next_steps": ["ask\nwhy"],
    "source": "errlist.c",
}


def test_a_row_of_the_file_is_an_entry_and_its_line_breaks_are_blanks():
    words = entry_of(ROW_OF_THE_FILE)
    assert words == InfoWords(
        part=Part.SOCKET,
        text="Connection refused",
        also=("Connection declined",),
        short="{far} says no",
        meaning="It says no.",
        look_at=Whose.OTHER,
        next_steps=("ask why",),
        source="errlist.c",
    )


@pytest.mark.parametrize("part", ["log line", "readiness"])
def test_the_pattern_of_a_message_is_made_of_its_spellings(part):
    words = entry_of(ROW_OF_THE_FILE | {"part": part, "text": "refused by ADDRESS (port N)"})
    assert words.fits("refused by 192.0.2.1 (port 179)")
    assert words.fits("connection declined")
    assert not words.fits("refused by nobody")


@pytest.mark.parametrize("name", sorted(ROW_OF_THE_FILE.keys() - {"also"}))
def test_a_row_of_the_file_lacks_nothing(name):
    with pytest.raises((TypeError, ValueError)):
        entry_of({field: value for field, value in ROW_OF_THE_FILE.items() if field != name})


@pytest.mark.parametrize("wrong", [{"hint": "x"}, {"part": "sockets"}, {"look_at": "nobody"}])
def test_a_row_of_the_file_has_nothing_that_is_not_known(wrong):
    with pytest.raises((TypeError, ValueError)):
        entry_of(ROW_OF_THE_FILE | wrong)


def test_no_text_stands_in_one_part_twice():
    keys = [(words.part, spelling.casefold()) for words in info_words() for spelling in words.spellings]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize(
    ("part", "values"),
    [
        (Part.BGP_STATE, list(BGPState)),
        (Part.PROTOCOL_STATE, ["start", "up", "wait", "feed", "stop", "down", "flush"]),
        (Part.ERROR_CLASS, list(ErrorClass)),
        (Part.PEER_TYPE, list(PeerType)),
    ],
)
def test_it_has_every_value_of_the_model(part, values):
    assert [value for value in values if words_of(part, value) is None] == []


#: proto/bgp/bgp.c and proto/bgp/packets.c of BIRD 1.6.8; both C libraries.
MESSAGES = {
    ErrorClass.LOCAL: """
        Neighbor lost; Invalid next hop; Kernel MD5 auth failed; No listening socket; Link down; BFD session
        down; Graceful restart
    """,
    ErrorClass.AUTOMATIC: "Route limit exceeded",
    ErrorClass.SOCKET: """
        Host is unreachable; Operation timed out; Network unreachable; Address not available; No route to
        host; Connection timed out; Network is unreachable; Cannot assign requested address; Connection
        refused; Connection reset by peer; Connection closed
    """,
    ErrorClass.RECEIVED: """
        Invalid message header; Connection not synchronized; Bad message length; Bad message type; Invalid
        OPEN message; Unsupported version number; Bad peer AS; Bad BGP identifier; Unsupported optional
        parameter; Authentication failure; Unacceptable hold time; Required capability missing; No supported
        AFI/SAFI; Invalid UPDATE message; Malformed attribute list; Unrecognized well-known attribute; Missing
        mandatory attribute; Invalid attribute flags; Invalid attribute length; Invalid ORIGIN attribute; AS
        routing loop; Invalid NEXT_HOP attribute; Optional attribute error; Invalid network field; Malformed
        AS_PATH; Hold timer expired; Finite state machine error; Unexpected message in OpenSent state;
        Unexpected message in OpenConfirm state; Unexpected message in Established state; Cease; Maximum
        number of prefixes reached; Administrative shutdown; Peer de-configured; Administrative reset;
        Connection rejected; Other configuration change; Connection collision resolution; Out of Resources;
        Invalid ROUTE-REFRESH message; Invalid ROUTE-REFRESH message length; Unknown error 6.10
    """,
}


@pytest.mark.parametrize(
    ("error_class", "message"),
    [(kind, message) for kind, all_of in MESSAGES.items() for message in " ".join(all_of.split()).split("; ")],
)
def test_it_has_every_message_of_bird_and_of_the_c_libraries(error_class, message):
    assert words_of_message(error_class, message) is not None
    explained = read(f"Active {error_class}: {message}")
    assert explained.is_known
    assert texts(explained)[:2] == ["Active", f"{error_class}:"]
    assert len(explained.words) == 3


def test_a_message_belongs_to_its_class():
    assert words_of_message(ErrorClass.LOCAL, "Connection refused") is None
    assert words_of_message("Oops", "Connection refused") is None


@pytest.mark.parametrize(
    "message",
    [
        "Calico process is running.",
        "Calico process is not running.",
        "The BGP backend process (BIRD) is not running.",
        "None of the BGP backend processes (BIRD or GoBGP) are running.",
        "INFO: BIRDv4 process: 'bird' is not running.",
        "INFO: BIRDv6 process: 'bird6' is not running.",
        "No IPv4 peers found.",
        "No IPv6 peers found.",
        "no ipv4 peers found",
        "Error querying BIRD",
        "Error querying BIRD: unable to connect to BIRDv4 socket: dial unix /var/run/bird/bird.ctl: no such file",
        "Error executing command: read unix @->/var/run/calico/bird.ctl: i/o timeout",
        "error executing command: exit 1",
        "Need super user privileges: Operation not permitted",
    ],
)
def test_it_has_the_messages_of_calicoctl(message):
    explained = read(message)
    assert explained.is_known
    assert [words.part for words in explained.words] == [Part.CALICOCTL]


# Taking a text apart


@pytest.mark.parametrize(
    "text",
    [
        "Active Socket: Connection refused",
        "'Active Socket: Connection refused'",
        "  active   socket:  connection refused. ",
        "\x1b[31mActive Socket: Connection refused\x1b[0m",
    ],
)
def test_a_cell_is_read_however_it_was_copied(text):
    assert texts(read(text)) == ["Active", "Socket:", "Connection refused"]


@pytest.mark.parametrize(
    "text",
    [
        ROW,
        f"| {ROW} |",
        "10.0.0.2   node specific   start   10:20:30   Active Socket: Connection refused",
        "Node_10_0_0_2 BGP      master   start  10:20:30    Active        Socket: Connection refused",
        WRAPPED,
    ],
)
def test_a_row_is_read_in_every_form(text):
    explained = read(text)
    assert explained.rows == ("10.0.0.2",)
    assert texts(explained) == ["start", "Active", "Socket:", "Connection refused", "node specific"]


def test_half_a_row_and_a_row_of_our_own_report():
    assert texts(read("start | 2026-11-02 | Passive")) == ["start", "Passive"]
    ours = read("node1 shows 192.0.2.15 (global): start since 09:57:24 Connect Socket: Operation timed out")
    assert texts(ours) == ["start", "Connect", "Socket:", "Operation timed out"]
    assert ours.rows == ("192.0.2.15",)


def test_state_and_last_error_are_said_separately():
    """The error is sticky: `Passive` is what goes on now, `Bad peer AS` is what went wrong last."""
    explained = read("Passive BGP Error: Bad peer AS")
    assert [words.part for words in explained.words] == [Part.BGP_STATE, Part.ERROR_CLASS, Part.NOTIFICATION]


def test_up_and_wait_differ_though_both_are_established():
    assert texts(read("up Established")) == ["up Established"]
    assert texts(read("wait Established")) == ["wait Established"]
    assert "none of its own" in read("wait Established").words[0].meaning


def test_the_class_says_whose_complaint_it_is():
    ours, theirs = read("Idle BGP Error: Bad peer AS"), read("Idle Received: Bad peer AS")
    assert "This end rejected the other" in ours.words[1].meaning
    assert "The peer rejected us" in theirs.words[1].meaning
    assert ours.words[2] == theirs.words[2]


def test_what_is_not_known_is_named_and_the_rest_explained():
    explained = read("Active Socket: Connection refusd")
    assert texts(explained) == ["Active", "Socket:"]
    assert explained.unknown == "Connection refusd"
    assert explained.nearest[0] == "Connection refused"
    assert read("refused").nearest == ("Connection refused",)
    assert read("Idle for ever").unknown == "for ever"


def test_a_paste_gives_each_answer_once_with_its_rows(captures):
    text = "\n".join(captures.texts("v3.32", "rr_ok_dual").values())
    found = read_text(text)
    healthy = next(each for each in found if each.text == "up Established")
    assert len(healthy.rows) > 1
    assert len({each.text for each in found}) == len(found)


def test_nothing_is_explained_as_nothing():
    assert read_text(" \n\t") == ()


def test_much_text_is_bounded():
    assert read("x" * 100_000).cut
    assert len(read("x" * 100_000).text) <= LONGEST
    assert len(read_text("\n".join(f"line {number}" for number in range(5_000)))) == MOST_ANSWERS


@given(st.text(max_size=300))
def test_any_text_gives_printable_answers(text):
    for explained in read_text(text):
        assert explained.text.isprintable()
        assert len(explained.text) <= LONGEST + 10
        assert explained.words or explained.unknown


# Probes and logs

EVENT = """\
Readiness probe failed: 2022-11-21 01:46:49.282 [INFO][1063] confd/health.go 180: Number of node(s) with BGP peering established = 0
calico/node is not ready: BIRD is not ready: BGP not established with
10.0.0.1,10.0.0.2
"""  # noqa: E501 - as the kubelet prints it


@pytest.mark.parametrize(
    "words", [w for w in info_words() if w.part in (Part.READINESS, Part.LOG)], ids=lambda w: w.text
)
def test_every_message_is_found_by_each_of_its_spellings(words):
    for spelling in words.spellings:
        (found,) = read_text(f"Warning Unhealthy 4m20s kubelet Readiness probe failed: {spelling.upper()}")
        assert found.is_known
        assert words in found.words


@pytest.mark.parametrize(
    ("text", "known"),
    [
        (
            EVENT,
            ["Number of node(s) with BGP peering established", "BIRD is not ready: BGP not established with"],
        ),
        ("bird: Mesh_10_0_0_1: Error: Bad peer AS: 64513", ["BGP Error:", "Bad peer AS"]),
        ("2026-11-21 <RMT> Node_10_0_0_2: Received: Cease", ["Received:", "Cease"]),
        ("bird: Hold timer expired, says the log", ["Hold timer expired"]),
        ("Invalid NEXT_HOP", ["Invalid NEXT_HOP attribute"]),
        ("root@n1:~# Need super user privileges: Operation not permitted", ["Need super user privileges"]),
        ("what is Version Mismatch?", ["Version mismatch."]),
    ],
)
def test_a_message_is_found_in_a_longer_text(text, known):
    found = read_text(text)
    assert all(each.is_known for each in found)
    found_texts = [each for explained in found for each in texts(explained)]
    assert len(found_texts) == len(known)
    assert all(each.startswith(start) for each, start in zip(found_texts, known, strict=True))


def test_the_addresses_of_a_message_are_named_wherever_it_stands():
    text = "bird: BGP: Unexpected connect from unknown address 10.0.0.{} (port 4{})\n"
    found = read("".join(text.format(number % 3, number) for number in range(50)))
    assert found.rows == ("10.0.0.0", "10.0.0.1", "10.0.0.2")


def test_a_line_of_a_log_that_nobody_knows_is_not_known():
    assert not read("felix/int_dataplane.go 1954: Something new happened").is_known


def test_a_message_beside_a_table_takes_nothing_from_it():
    found = read_text(f"bird: Graceful restart done\n{ROW}")
    assert [texts(each)[0] for each in found] == ["Reconfiguration requested by SIGHUP", "start"]


def test_a_text_is_explained_without_reading_all_rules_and_causes():
    code = (
        "import sys\n"
        "from click.testing import CliRunner\n"
        "from calico_bgp.cli.understand.explain_info import command\n"
        "result = CliRunner().invoke(command, ['Active', 'Socket: Connection refused'], standalone_mode=False)\n"
        "assert 'Connection refused' in result.stdout, result\n"
        "print(*sorted(name for name in sys.modules if name.startswith(('calico_bgp.rules', 'calico_bgp.causes'))))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.split() == []
