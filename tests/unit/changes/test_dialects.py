"""Manifests that a command prints: a shell hands them on as they are."""

import subprocess

import pytest
import yaml

from calico_bgp.changes.dialects import with_manifests


@pytest.mark.parametrize("text", ["plain", "EOF", "a\nEOF\nrm -rf /", "a\tb", "\u2028", "\x1b[31m", "süd", "'$HOME'"])
def test_each_text_is_on_one_line_and_reads_back(text):
    documents = [{"kind": "BGPPeer", "spec": {"nodeSelector": text}}, {"kind": "Node"}]
    command = with_manifests("cat", documents)
    printed = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True, timeout=30).stdout
    assert list(yaml.safe_load_all(printed)) == documents
    keys = [line.partition(":")[0] for line in printed.splitlines()]
    assert keys == ["kind", "spec", "  nodeSelector", "---", "kind"]
