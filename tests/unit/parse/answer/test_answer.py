"""The framed answer: what is taken out of it, what is left out, and what a cut one still says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from ipaddress import ip_address

import pytest

from calico_bgp.model.peer import Family
from calico_bgp.parse.answer.addresses import parse_addresses
from calico_bgp.parse.answer.frame import frame_answer, marker_of, new_marker, parse_answer
from calico_bgp.parse.answer.values import Answer, BirdAnswer

MARKER = "calico-bgp-0123456789abcdef0123456789abcdef"

FULL = Answer(
    node="worker7",
    hostname="worker7.example",
    clock=datetime(2026, 3, 1, 12, 0, 5, tzinfo=timezone(timedelta(hours=2))),
    addresses=(ip_address("192.0.2.7"), ip_address("2001:db8::7")),
    rights="sudo",
    processes=frozenset({"felix", "bird"}),
    calicoctl="/usr/local/bin/calicoctl",
    stdout="Calico process is running.\n\nIPv4 BGP status\nNo IPv4 peers found.\n\n",
    stderr="sudo: unable to resolve host worker7",
    exit_code=0,
    version="v3.28.1",
)


def test_an_answer_comes_back_whole() -> None:
    assert parse_answer(frame_answer(MARKER, FULL), MARKER) == FULL


def test_birds_answers_come_back_whole() -> None:
    answer = Answer(
        rights="root",
        sockets=((Family.IPV4, "/var/run/calico/bird.ctl"),),
        birds=(
            BirdAnswer(Family.IPV4, "birdcl", 1, "refused"),
            BirdAnswer(Family.IPV4, "python3", 0, "0001 BIRD 1.6.8 ready.\n2002-name\n0000 \n"),
        ),
    )
    assert parse_answer(frame_answer(MARKER, answer), MARKER) == answer
    assert [bird.answered for bird in answer.birds] == [False, True]


def test_chatter_before_and_after_is_left_out() -> None:
    text = f"Welcome!\n{MARKER}: not a head\nno newline" + frame_answer(MARKER, FULL) + "\nlogout\n| 1 | 2 |\n"
    assert parse_answer(text, MARKER) == FULL


def test_carriage_returns_of_a_terminal_do_not_matter() -> None:
    answer = parse_answer(frame_answer(MARKER, FULL).replace("\n", "\r\n"), MARKER)
    assert answer is not None
    assert (answer.node, answer.exit_code, answer.clock, answer.complete) == ("worker7", 0, FULL.clock, True)


@pytest.mark.parametrize("text", ["", "hello\n", f"{MARKER}\n", "This account is currently not available.\n"])
def test_no_beginning_is_no_answer(text: str) -> None:
    assert parse_answer(text, MARKER) is None


def test_another_runs_marker_is_chatter() -> None:
    assert parse_answer(frame_answer(new_marker(), FULL), MARKER) is None


def test_a_cut_answer_says_what_has_come() -> None:
    text = frame_answer(MARKER, FULL)
    cut = parse_answer(text[: text.index("No IPv4") + 5], MARKER)
    assert cut is not None
    assert (cut.node, cut.stdout, cut.exit_code, cut.complete) == (
        "worker7",
        "Calico process is running.\n\nIPv4 BGP status\nNo IP",
        None,
        False,
    )


@pytest.mark.parametrize(
    ("clock", "expected"),
    [
        ("2026-03-01T12:00:05+0000", datetime(2026, 3, 1, 12, 0, 5, tzinfo=UTC)),
        ("2026-03-01T12:00:05", None),
        ("", None),
        ("date: not found", None),
    ],
)
def test_the_clock_is_known_with_its_zone_or_not_at_all(clock: str, expected: datetime | None) -> None:
    answer = parse_answer(f"\n{MARKER} begin 1\n\n{MARKER} clock\n{clock}\n\n{MARKER} end\n", MARKER)
    assert answer is not None
    assert answer.clock == expected


def test_addresses_of_ip() -> None:
    text = """\
1: lo    inet 127.0.0.1/8 scope host lo\\       valid_lft forever preferred_lft forever
1: lo    inet 192.0.2.200/32 scope global lo\\       valid_lft forever preferred_lft forever
2: eth0    inet 192.0.2.7/24 brd 192.0.2.255 scope global eth0\\       valid_lft forever
2: eth0    inet6 2001:db8::7/64 scope global \\       valid_lft forever preferred_lft forever
2: eth0    inet6 fe80::1/64 scope link \\       valid_lft forever preferred_lft forever
3: docker0    inet 172.17.0.1/16 brd 172.17.255.255 scope global docker0\\       valid_lft forever
4: kube-ipvs0    inet 10.96.0.1/32 scope global kube-ipvs0\\       valid_lft forever preferred_lft forever
5: tunl0@NONE    inet 198.51.100.1/32 scope global tunl0\\       valid_lft forever preferred_lft forever
"""
    assert [str(a) for a in parse_addresses(text)] == ["192.0.2.200", "192.0.2.7", "2001:db8::7", "198.51.100.1"]


def test_addresses_of_ifconfig_old_and_new() -> None:
    old = "docker0   Link encap:Ethernet\n          inet addr:172.17.0.1  Bcast:0.0.0.0\n"
    old += "eth0      Link encap:Ethernet\n          inet addr:192.0.2.7  Bcast:192.0.2.255\n"
    old += "          inet6 addr: 2001:db8::7/64 Scope:Global\n"
    new = "eth0: flags=4163<UP>  mtu 1500\n        inet 192.0.2.7  netmask 255.255.255.0\n"
    new += "        inet6 2001:db8::7  prefixlen 64\n        inet6 fe80::1  prefixlen 64  scopeid 0x20<link>\n"
    for text in (old, new):
        assert [str(a) for a in parse_addresses(text)] == ["192.0.2.7", "2001:db8::7"]


def test_addresses_of_hostname() -> None:
    assert [str(a) for a in parse_addresses("192.0.2.7 2001:db8::7 192.0.2.7 \n")] == ["192.0.2.7", "2001:db8::7"]


@pytest.mark.parametrize("text", ["", "ip: command not found\n", "\n\n", "1: lo\n"])
def test_no_addresses(text: str) -> None:
    assert parse_addresses(text) == ()


def test_markers_are_found_in_commands() -> None:
    assert marker_of(f"sh -c 'printf {MARKER}'") == MARKER
    assert marker_of("calico-bgp-xyz") is None
