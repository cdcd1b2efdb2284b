"""A number of more digits than Python makes an int of (4,300) is read, or refused by name, in every form of text."""

import re
from contextlib import suppress
from itertools import islice
from pathlib import Path

import pytest

from calico_bgp.auditing.pasted import snapshot_from_pasted
from calico_bgp.errors import CalicoBGPError
from calico_bgp.parse.hosts.forms.table import read_inventory
from calico_bgp.parse.hosts.reader import parse_hosts
from calico_bgp.parse.pasted.reader import parse_pasted
from calico_bgp.parse.resources.reader import parse_resources
from calico_bgp.parse.settings.config import parse_config

CASES = Path(__file__).parents[2] / "fixtures" / "cases"
LONG = "9" * 5000
#: Numbers of one text that are made long, one by one.
MOST = 25
#: Of those in a case.
FEW = 4
#: Cases above it are too slow to be read so often.
LARGE = 1500
#: What a case expects.
WANTED = {"case.toml", "stdout.txt", "stderr.txt"}

READERS = (
    parse_config,
    parse_hosts,
    read_inventory,
    lambda text: parse_resources([("file", text)]),
    lambda text: snapshot_from_pasted(parse_pasted(text)),
)

TEXTS = {
    "ansible range": "[all]\nnode[1:3:2].dc1\nnode[01:20]\n",
    "ansible port": "[all]\na:2222\nb ansible_port=22\n",
    "ssh_config": "Host a\n  HostName 10.0.0.1\n  Port 22\n  ProxyJump b:22\nHost b\n  Port 2222\n",
    "config": "flap_window = 5\n[[ignore]]\nrule = 'a'\nuntil = 2026-11-22\n",
    "yaml": (
        "apiVersion: projectcalico.org/v3\nkind: BGPPeer\nmetadata: {name: peer1}\n"
        "spec: {asNumber: 64512, peerIP: '10.0.0.1:179', maxRestartTime: 120s, ttlSecurity: 1}\n"
    ),
    "json": (
        '{"apiVersion": "projectcalico.org/v3", "kind": "Node", "metadata": {"name": "n1"}, "spec": {"bgp":'
        ' {"asNumber": "65000.1", "ipv4Address": "10.0.0.1/24", "routeReflectorClusterID": "1.0.0.1"}}}\n'
    ),
}


def with_long_numbers(text):
    """The text with one of its numbers after the other made long."""
    for found in list(re.finditer(r"[0-9]+", text))[:MOST]:
        yield text[: found.start()] + LONG + text[found.end() :]
        yield text[: found.start()] + "0" * 5000 + found[0] + text[found.end() :]


def read_all(text):
    for read in READERS:
        with suppress(CalicoBGPError):
            read(text)


@pytest.mark.parametrize("form", TEXTS)
def test_every_number_of_a_small_text(form):
    for text in with_long_numbers(TEXTS[form]):
        read_all(text)


@pytest.mark.parametrize("kind", ["hosts", "pastes", "resources"])
def test_the_first_numbers_of_every_case(kind):
    files = (path for path in sorted((CASES / kind).glob("*/*")) if path.is_file() and path.name not in WANTED)
    texts = [path.read_text(errors="replace") for path in files if path.stat().st_size < LARGE]
    assert texts
    for text in texts:
        for changed in islice(with_long_numbers(text), FEW):
            read_all(changed)
