"""What may be the name of a host in a pasted text, and what it is the name of: a node, a pod, an address. No lines."""

from __future__ import annotations

import re
from typing import NamedTuple

from calico_bgp.model.peer import Address
from calico_bgp.parse.addresses import read_address
from calico_bgp.parse.hosts.ranges import RangeError, expand, has_range, split_commas
from calico_bgp.parse.pasted.lines.patterns import LinePattern

#: More names than this in one header are no hosts that somebody pasted.
_MOST = 2_000

_NAME = LinePattern(r"(?=.*[A-Za-z])[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?")
_FOLDED = LinePattern(r"(?:[\w.:@/,-]++|\[[\d,-]++\])*+", limit=4_000)
_PORT = LinePattern(r":\d{1,5}$")
_DIGIT = LinePattern(r"\d")
_SUFFIX = LinePattern(r"(?:\.(?:txt|log|out|md|lst|status|stdout|output|json|ya?ml))+$")
#: What is put before and behind a host's name to call a file: what is in it, and of which day.
_BEFORE_NAME = LinePattern(
    r"(?:calicoctl|birdc6?|birdcl6?|(?:calico[-_.])?(?:node[-_.]status|bgp)|output|status)[-_.]", re.IGNORECASE
)
_BEHIND_NAME = LinePattern(
    r"[-_.@](?:calicoctl|birdc6?|birdcl6?|node[-_.]status|status|bgp|output|protocols|"
    r"\d{4}-?\d\d-?\d\d(?:[-_T]?\d\d[-:_.]?\d\d(?:[-:_.]?\d\d)?)?Z?)",
    re.IGNORECASE,
)
_BETWEEN_WORDS = LinePattern(r"[-_.\s]+")
_MARKUP_WORD = LinePattern(r"(?i:begin|end)_\w+|[A-Z]+(?:_[A-Z]+)+")
_USER = LinePattern(r"^[\w.+-]+@")
_POD_OF_CALICO = LinePattern(r"calico-node-[a-z0-9]{5}")
# Shells that do not say where they run (`sh-4.2#`, `bash-5.1$`), and names that are every machine's.
_NOBODY = LinePattern(
    r"(?:ba|da|k|z)?sh(?:-[\d.]+)?|localhost(?:\.localdomain)?|127\.0\.0\.1|calicoctl|root", re.IGNORECASE
)
#: Words that stand where a name may, above a table or before a colon.
_TEXT = """
    a accept after all an and annotations answer any api app bad before begin bgp bgppeer bird bird6 birdc birdcl
    body broken bug calico calico-node calico-system chat checks client cluster code command comment confd config
    console context copy data date debug default defaulted describe description details diff docker down edit empty
    end endgroup env environment eof error errors etcd example exec expected expected-behavior express failed
    failure false fatal felix file files find first fix fourth from get gist global good got groups healthy hello
    help here hi host hostname hosts http https idle images info input install interface io ip ipv4 ipv6 is issue
    issues it items json k8s kernel kind kube-system kubectl kubelet kubernetes labels last latest line link linux
    list log logs ls machine master-node mesh message messages metadata mode msg my name namespace namespaces
    network networks new next no node nodes nohup none not note notes now null ok okay old on one openstack ops os
    other our out output outputs password peer peers ping plain plaintext play pod pods pool port post pre private
    problem process prod public pwd question quote rc re reason remote result results retcode route routes rr run
    running same sample screenshot script second see server sh shell show since so some sorry source spec ssh start
    state static stats status stderr stdout step steps stop success sudo summary system table tables task tasks
    terminal test text thanks that the then there these third this time title to todo top topology trace true two
    type uname unhealthy unknown up update updated usage user users using v1 v2 v3 value version versions via vm
    warn warning watch we what when where who why windows with work working works yaml yes you your
"""
_WORDS = frozenset(_TEXT.split())
_WORDS_OF_FILES = frozenset(
    {"birdc6", "birdcl6", "calicoctl", "cmd", "collect", "dump", "protocol", "protocols", "sessions"}
)


class Named(NamedTuple):
    """A name and what it names.

    Attributes:
        host: As the text has it.
        node: The same where it can be a node's name; None for a pod and for an address.
        address: The same where it is an address.
    """

    host: str
    node: str | None
    address: Address | None = None


def is_pod(named: Named) -> bool:
    """Whether it names a pod, or another container: whose node that is, it does not say."""
    return named.node is None and named.address is None


def names_in(text: str) -> tuple[Named, ...]:
    """The hosts that a header names: one, several behind commas, folded (`node[2-3]`); none where it is no name."""
    text = text.strip()
    if not text or len(text) > 4_000 or not _FOLDED.fullmatch(text):
        return ()
    hosts: list[Named] = []
    for part in split_commas(text):
        try:
            words = expand(part) if has_range(part) else [part]
        except RangeError:
            return ()
        for word in words:
            named = name_in(word)
            if named is None or len(hosts) >= _MOST:
                return ()
            hosts.append(named)
    return tuple(dict.fromkeys(hosts))


def name_in(word: str) -> Named | None:
    """The host that one word names; None for a number, and for what is every machine's."""
    word = _USER.sub("", word.strip())
    address = read_address(word.strip("[]"))
    if address is not None:
        if address.is_loopback or address.is_unspecified:
            return None
        return Named(str(address), None, address)
    word = _PORT.sub("", word)
    if len(word) > 253 or _NOBODY.fullmatch(word):
        return None
    if word.startswith(("pod/", "pods/")):
        word = word.partition("/")[2].partition("/")[0]
        return Named(word, None) if _NAME.fullmatch(word) else None
    word = word.removeprefix("nodes/").removeprefix("node/")
    if not _NAME.fullmatch(word) or ".." in word:
        return None
    return Named(word, None if _POD_OF_CALICO.fullmatch(word) else word)


def names_of_file(path: str) -> tuple[Named, ...]:
    """The host that a file's name names, `node1` of `out/node1.log`, or a folder's, `node1` of `node1/b/status.txt`."""
    folders, _, name = path.rpartition("/")
    names = names_in(_bare_stem(without_suffix(name)))
    if not any(is_common_word(named.host) or _says_what(named.host) for named in names):
        return names
    for folder in reversed(folders.split("/")):
        above = name_in(folder)
        if above is not None and looks_like_a_host(above) and not _says_what(above.host):
            return (above,)
    return ()


def without_suffix(name: str) -> str:
    """A file's name without what says that it is a text, `node1` of `node1.stdout.txt`."""
    return _SUFFIX.sub("", name)


def _bare_stem(stem: str) -> str:
    """A stem without the words around the host's name: `node1` of `calicoctl-node1_2026-11-30`."""
    while True:
        before = _BEFORE_NAME.match(stem)
        shorter = stem[before.end() :] if before is not None else stem
        behind = _BEHIND_NAME.regex.finditer(shorter)
        end = next((found.start() for found in behind if found.end() == len(shorter)), len(shorter))
        shorter = shorter[:end]
        named = name_in(shorter)
        if shorter == stem or named is None or is_common_word(named.host) or not looks_like_a_host(named):
            return stem
        stem = shorter


def _says_what(stem: str) -> bool:
    """Whether a file is called by what is in it, `calicoctl-node-status` or `bird6_protocols`, not by whose it is."""
    return all(word in _WORDS or word in _WORDS_OF_FILES for word in _BETWEEN_WORDS.split(stem.lower()))


def looks_like_a_host(named: Named) -> bool:
    """Whether a word alone, without any mark around it, has the looks of a machine's or a pod's name."""
    word = named.host
    return named.address is not None or bool(_DIGIT.search(word) or ("-" in word and word == word.lower()))


def is_common_word(word: str) -> bool:
    """Whether it is a word that stands above tables and is nobody's name."""
    if "_" in word and _MARKUP_WORD.fullmatch(word):
        return True
    return word.lower() in _WORDS or (word[:1].isupper() and word[1:].isalpha() and word[1:].islower())
