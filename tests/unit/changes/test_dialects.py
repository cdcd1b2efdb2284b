"""Manifests that a command prints: a shell hands them on as they are."""

import subprocess

import pytest
import yaml

from calico_bgp.changes.ask import Ask
from calico_bgp.changes.dialects import with_manifests


@pytest.mark.parametrize("text", ["plain", "EOF", "a\nEOF\nrm -rf /", "a\tb", "\u2028", "\x1b[31m", "süd", "'$HOME'"])
def test_each_text_is_on_one_line_and_reads_back(text):
    documents = [{"kind": "BGPPeer", "spec": {"nodeSelector": text}}, {"kind": "Node"}]
    command = with_manifests("cat", documents)
    printed = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True, timeout=30).stdout
    assert list(yaml.safe_load_all(printed)) == documents
    keys = [line.partition(":")[0] for line in printed.splitlines()]
    assert keys == ["kind", "spec", "  nodeSelector", "---", "kind"]


def test_one_manifest_that_asks_is_enough_for_words_that_a_shell_fills_in():
    """In a text over several lines `$NAME` would stay as it is."""
    asks = {"kind": "BGPPeer", "spec": {"peerIP": Ask("ADDRESS", "the address of the switch", "192.0.2.254")}}
    for documents in ([asks, {"kind": "Node"}], [{"kind": "Node"}, asks]):
        lines = with_manifests("cat", documents).splitlines()
        assert [line.startswith("printf %s ") for line in lines] == [True, True]
