"""hosts.txt: what it may say, and that every error of a file is told at once, with its line."""

import pickle
from ipaddress import ip_address

import pytest

from calico_bgp.errors import InventoryError
from calico_bgp.model.inventory import Role
from calico_bgp.parse.hosts import reader as hosts_module
from calico_bgp.parse.hosts.limit import limit_hosts
from calico_bgp.parse.hosts.reader import parse_hosts


def errors(text: str, source: str = "hosts.txt") -> list[tuple[int | None, str]]:
    with pytest.raises(InventoryError) as caught:
        parse_hosts(text, source=source)
    assert all(problem.source == source for problem in caught.value.problems)
    return [(problem.line, problem.message) for problem in caught.value.problems]


def one_error(text: str) -> str:
    ((_, message),) = errors(text)
    return message


@pytest.mark.parametrize(
    ("line", "user", "name", "port", "label"),
    [
        ("node1", None, "node1", None, "node1"),
        ("node1.dc1.example.com", None, "node1.dc1.example.com", None, "node1.dc1.example.com"),
        ("root@node1:2222", "root", "node1", 2222, "node1:2222"),
        ("10.0.0.1", None, "10.0.0.1", None, "10.0.0.1"),
        ("10.0.0.1:22", None, "10.0.0.1", 22, "10.0.0.1:22"),
        ("fd00::1", None, "fd00::1", None, "fd00::1"),
        ("[fd00::1]:2222", None, "fd00::1", 2222, "[fd00::1]:2222"),
        ("[fd00::1]", None, "fd00::1", None, "fd00::1"),
        ("ann@[fd00::1]:22", "ann", "fd00::1", 22, "[fd00::1]:22"),
        ("ann@fd00::1", "ann", "fd00::1", None, "fd00::1"),
        ("ann@corp@node1", "ann@corp", "node1", None, "node1"),
        ("fe80::1%eth0", None, "fe80::1%eth0", None, "fe80::1%eth0"),
        # Without brackets the last group is part of the address: a port needs them.
        ("fd00::1:22", None, "fd00::1:22", None, "fd00::1:22"),
        ("k8s_alias", None, "k8s_alias", None, "k8s_alias"),
    ],
)
def test_destinations(line, user, name, port, label):
    (host,) = parse_hosts(line)
    assert (host.user, host.name, host.port, host.label) == (user, name, port, label)
    assert (host.node, host.role, host.addresses, host.identity, host.jump) == (None, None, (), None, None)
    assert (host.source, host.line) == ("hosts.txt", 1)


def test_every_key():
    (host,) = parse_hosts(
        "node1 node=k8s-1 role=reflector ip=10.0.0.1,fd00::1 identity=~/.ssh/id#1 jump=ops@bastion:2200,[fd00::9]:22 #"
    )
    assert host.node == "k8s-1"
    assert host.role is Role.REFLECTOR
    assert host.addresses == (ip_address("10.0.0.1"), ip_address("fd00::1"))
    assert host.identity == "~/.ssh/id#1"
    assert host.jump == "ops@bastion:2200,[fd00::9]:22"


def test_quotes_hold_blanks():
    (host,) = parse_hosts(r'node1 identity="/home/ann/my \"keys\"/a\\b # c" role=client')
    assert host.identity == r'/home/ann/my "keys"/a\b # c'
    assert host.role is Role.CLIENT


def test_bom_crlf_tabs_comments_and_blank_lines():
    text = "\ufeff# all of dc1\r\n\r\n\tnode1\trole=client\t# a comment\r\n   # indented\rnode2#3\n"
    (host, *rest) = errors(text)
    assert host == (5, "'node2#3' is not a host name")
    assert not rest
    hosts = parse_hosts(text.replace("node2#3", "node2 #3"))
    assert [(host.name, host.line) for host in hosts] == [("node1", 3), ("node2", 5)]


def test_a_form_feed_does_not_shift_line_numbers():
    assert errors("node1 # a\x0cb\u2028c\nnode1") == [(2, "node1 stands already on line 1")]


@pytest.mark.parametrize(
    ("word", "names"),
    [
        ("node[01-03].dc1", ["node01.dc1", "node02.dc1", "node03.dc1"]),
        ("node[8-11]", ["node8", "node9", "node10", "node11"]),
        ("node[09-10]", ["node09", "node10"]),
        ("node[098-101]", ["node098", "node099", "node100", "node101"]),
        ("node[1-3,7]", ["node1", "node2", "node3", "node7"]),
        ("node[1,3]", ["node1", "node3"]),
        ("node[5]", ["node5"]),
        ("[1-2].dc1", ["1.dc1", "2.dc1"]),
        ("r[1-2]n[1-2]", ["r1n1", "r1n2", "r2n1", "r2n2"]),
        ("10.0.[0-1].[9-10]", ["10.0.0.9", "10.0.0.10", "10.0.1.9", "10.0.1.10"]),
        ("fd00::[1-2]", ["fd00::1", "fd00::2"]),
        ("[fd00::[1-2]]:22", ["[fd00::1]:22", "[fd00::2]:22"]),
        ("127.0.0.1:[2201-2202]", ["127.0.0.1:2201", "127.0.0.1:2202"]),
    ],
)
def test_ranges(word, names):
    hosts = parse_hosts("ann@" + word)
    assert [host.label for host in hosts] == names
    assert {host.user for host in hosts} == {"ann"}
    assert {host.line for host in hosts} == {1}


def test_ranges_expand_in_parallel():
    hosts = parse_hosts("node[1-3].dc1 node=w[01-03] ip=10.0.0.[11-13],fd00::[1-2,9] role=client identity=k jump=j")
    assert [(h.name, h.node, *map(str, h.addresses)) for h in hosts] == [
        ("node1.dc1", "w01", "10.0.0.11", "fd00::1"),
        ("node2.dc1", "w02", "10.0.0.12", "fd00::2"),
        ("node3.dc1", "w03", "10.0.0.13", "fd00::9"),
    ]
    assert {(h.role, h.identity, h.jump) for h in hosts} == {(Role.CLIENT, "k", "j")}


def test_ten_thousand_hosts_from_one_line_and_no_more(monkeypatch):
    assert len(parse_hosts("n[1-10000]")) == 10_000
    assert one_error("n[0-10000]") == "n[0-10000] stands for 10,001 hosts"
    assert one_error("n[1-999999999][1-999999999][1-999999999]").endswith("hosts")
    monkeypatch.setattr(hosts_module, "MAX_HOSTS", 250)
    many = "\n".join(f"n{line}x[1-100]" for line in range(20))
    assert errors(many) == [(3, "too many hosts")]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("node1:0", "'0' is not a port"),
        ("node1:65536", "'65536' is not a port"),
        ("node1:ssh", "'ssh' is not a port"),
        ("node1:", "the port after the colon is missing"),
        ("node1:٣", "'٣' is not a port"),
        ("@node1", "the user before the @ is missing"),
        ("-oProxyCommand=x@node1", "'-oProxyCommand=x' is not a user name"),
        ("ann@", "the host is missing"),
        ("-v", "'-v' is not a host name"),
        ("ssh://node1", "'ssh://node1' is a URL, not a host"),
        ("10.0.0.256", "10.0.0.256 is not an IPv4 address: Octet 256 (> 255) not permitted in '10.0.0.256'"),
        ("10.0.0", "10.0.0 is not an IPv4 address: Expected 4 octets in '10.0.0'"),
        ("fd00::g", "'fd00::g' is not an IPv6 address"),
        ("[fd00::1", "the closing ] is missing"),
        ("[fd00::1]22", "'22' after the ]"),
        ("[fd00::1]:x", "'x' is not a port"),
        ("[10.0.0.1]:22", "[10.0.0.1] is not a range of numbers"),
        ("node[3-1]", "[3-1] is an empty range: 3 is above 1"),
        ("node[]", "[] is an empty range"),
        ("node[1,]", "[1,] is an empty range"),
        ("node[a-c]", "[a-c] is not a range of numbers"),
        ("node[1-]", "[1-] is not a range of numbers"),
        ("node[1-020]", "[1-020] mixes widths"),
        ("node[001-20]", "[001-20] mixes widths"),
        ("node[01:20]", "[01:20] is neither an address nor a range"),
        ("node[1-2", "unpaired bracket in 'node[1-2'"),
        ("[reflectors]", "[reflectors] is not a range of numbers"),
        ("node1 nod=a", "unknown key 'nod', did you mean node?"),
        ("node1 Role=client", "unknown key 'Role', did you mean role?"),
        ("node1 wibble=a", "unknown key 'wibble'"),
        ("node1 port=22", "unknown key 'port'"),
        ("node1 node2", "this is several names on one line, not a hosts.txt"),
        ("node1 node=", "node= has no value"),
        ("node1 node=a/b", "node=a/b is not a node name"),
        ("node1 node=a node=b", "node= stands twice in this line"),
        ("node1 role=reflektor", "unknown role 'reflektor', did you mean reflector?"),
        ("node1 role=rr", "unknown role 'rr', did you mean reflector?"),
        ("node1 role=x", "unknown role 'x'"),
        ("node1 ip=10.0.0.1/24", "'10.0.0.1/24' is not an address"),
        ("node1 ip=10.0.0.1,", "an address is missing in ip="),
        ("node1 ip=0.0.0.0", "0.0.0.0 cannot be a node's BGP address"),
        ("node1 ip=fe80::1%eth0", "fe80::1%eth0 cannot be a node's BGP address"),
        ("node1 ip=10.0.0.1,10.0.0.1", "ip=10.0.0.1 stands twice on this line"),
        ("node1 jump=bastion:99999", "jump=: '99999' is not a port"),
        ('node1 identity="abc', "the closing quote is missing"),
        ("node=a role=client", "the host is missing"),
        ("node[1-2] node=a", "one node= for 2 hosts"),
        ("node[1-2] node=a[1-3]", "node=a[1-3] stands for 3, the host for 2"),
        ("node[1-2] ip=10.0.0.1", "one ip= for 2 hosts"),
        ("node[1-2] ip=10.0.0.[1-2],fd00::1", "one ip= for 2 hosts"),
        ("node[1,1]", "node1 stands twice on this line"),
        ("node1 " + "x" * 20_000, "the line is too long"),
        ("node1\0", "this is not a text file"),
    ],
)
def test_errors(line, message):
    assert one_error(line) == message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("node1\nnode2\nnode1", "node1 stands already on line 1"),
        ("node1\nx\nNODE1.:22", "NODE1.:22 stands already on line 1"),
        ("fd00::1\nx\n[fd00:0::1]:22", "[fd00:0::1]:22 stands already on line 1"),
        ("a node=n\nx\nb node=n", "node=n stands already on line 1"),
        ("a ip=fd00::1\nx\nb ip=10.0.0.1,fd00:0::1", "ip=fd00::1 stands already on line 1"),
        ("n[1-9]\nx\nn[5-12]", "n5 stands already on line 1 (and 4 more of the same line)"),
    ],
)
def test_duplicates(text, message):
    assert errors(text) == [(3, message)]


def test_what_only_looks_like_a_duplicate():
    assert len(parse_hosts("node1:22\nnode1:23\nx node=node1\nann@y ip=10.0.0.1\nz ip=::ffff:10.0.0.1")) == 5


def test_all_errors_of_a_file_at_once():
    text = "a:99999 rol=x\nfine\nb ip=1 node=n\nc node=n wibble=1\nfine\n"
    assert errors(text, "site/hosts") == [
        (1, "'99999' is not a port"),
        (1, "unknown key 'rol', did you mean role?"),
        (3, "'1' is not an address"),
        (4, "unknown key 'wibble'"),
        (4, "node=n stands already on line 3"),
        (5, "fine stands already on line 2"),
    ]


def test_an_error_shows_its_line_and_survives_pickling():
    with pytest.raises(InventoryError) as caught:
        parse_hosts("  node1 nod=x \x1b[31m\n", source="h")
    assert str(caught.value).splitlines()[:3] == [
        "h:1: unknown key 'nod', did you mean node?",
        "    node1 nod=x  [31m",
        "  expected one of node=, role=, ip=, identity=, jump=",
    ]
    copy = pickle.loads(pickle.dumps(caught.value))
    assert str(copy) == str(caught.value)


@pytest.mark.parametrize(
    "line",
    [
        'node1 ansible_ssh_pass="two hunter2"',
        "node1 password = hunter2",
        "node1 password: hunter2 x=y",
        "node1 ANSIBLE_BECOME_PASSWORD=a=hunter2",
        "node1 sudo_password=foo pass=hunter2",
    ],
)
def test_no_form_of_a_password_is_repeated(line):
    with pytest.raises(InventoryError) as caught:
        parse_hosts(line)
    assert "hunter2" not in str(caught.value)
    assert not any("hunter2" in str(problem) for problem in caught.value.problems)


def test_a_password_is_refused_and_not_repeated():
    with pytest.raises(InventoryError) as caught:
        parse_hosts("node1 password=hunter2 x\nnode1 password=hunter2")
    assert "hunter2" not in str(caught.value)
    assert "--ask-pass" in str(caught.value)


@pytest.mark.parametrize("text", ["", "\n\n", "# nothing yet\n", "\ufeff"])
def test_an_inventory_without_hosts_is_an_error(text):
    assert errors(text) == [(None, "no host in this file")]


def test_a_file_of_something_else_ends_early():
    assert len(errors("a:b:c\n" * 5_000)) == 1_000


HOSTS = parse_hosts(
    "node[01-12].dc1 node=w[01-12]\n[fd00::1]:2222 node=rr1 role=reflector\n127.0.0.1:[2201-2202]\nspare\n"
)


@pytest.mark.parametrize(
    ("patterns", "labels"),
    [
        ([], [host.label for host in HOSTS]),
        (["w03"], ["node03.dc1"]),
        (["W03"], ["node03.dc1"]),
        (["node0[12].dc1"], ["node01.dc1", "node02.dc1"]),
        (["node[03-04,12].dc1"], ["node03.dc1", "node04.dc1", "node12.dc1"]),
        (["w1?,spare"], ["node10.dc1", "node11.dc1", "node12.dc1", "spare"]),
        (["spare", "rr*"], ["[fd00::1]:2222", "spare"]),
        (["[fd00::1]:2222"], ["[fd00::1]:2222"]),
        (["127.0.0.1"], ["127.0.0.1:2201", "127.0.0.1:2202"]),
        (["127.0.0.1:2202"], ["127.0.0.1:2202"]),
        (["w*,!w0*,!*12*"], ["node10.dc1", "node11.dc1"]),
        (["!node*", "!127*"], ["[fd00::1]:2222", "spare"]),
        (["spare,spare, ,"], ["spare"]),
    ],
)
def test_limit(patterns, labels):
    assert [host.label for host in limit_hosts(HOSTS, patterns)] == labels


@pytest.mark.parametrize(
    ("patterns", "message", "expected"),
    [
        (["w3"], "'w3' matches no host", "w03"),
        (["nod01.dc1"], "'nod01.dc1' matches no host", "node01.dc1"),
        (["!spore"], "'spore' matches no host", "spare"),
        (["zzz*"], "'zzz*' matches no host", "one of 16: w01, w02, w03, w04, w05, ..."),
    ],
)
def test_a_pattern_that_matches_nothing(patterns, message, expected):
    with pytest.raises(InventoryError) as caught:
        limit_hosts(HOSTS, patterns)
    (problem,) = caught.value.problems
    assert problem.message == message
    assert expected in problem.expected


def test_every_pattern_that_matches_nothing_is_told_at_once():
    with pytest.raises(InventoryError) as caught:
        limit_hosts(HOSTS, ["xa,spare", "xb"])
    assert [problem.message for problem in caught.value.problems] == ["'xa' matches no host", "'xb' matches no host"]


def test_a_limit_that_leaves_nothing():
    with pytest.raises(InventoryError, match="leaves no host"):
        limit_hosts(HOSTS, ["spare,!sp*"])


def test_the_examples_of_the_documentation(fixtures):
    text = (fixtures.parent.parent / "docs" / "hosts.md").read_text(encoding="utf-8")
    smallest, whole = text.split("```\n")[1:4:2]
    assert [host.name for host in parse_hosts(smallest)] == ["node1.example.com", "node2.example.com", "10.0.0.13"]
    hosts = parse_hosts(whole)
    assert len(hosts) == 23
    assert (hosts[-2].label, hosts[-2].node) == ("node20.dc1", "worker-20")
    assert hosts[-1].identity == "~/.ssh/edge key"


@pytest.mark.parametrize("mark", ["//", ";", "--"])
def test_comments_of_other_languages(mark):
    with pytest.raises(InventoryError) as caught:
        parse_hosts(f"node1\n{mark} the second\n")
    first = caught.value.problems[0]
    assert (first.line, first.expected) == (2, "a comment begins with #")
