"""Our client as one process: reads a whole cluster through its API, and says how many nodes it has read, and how.

python -m benchmarks.kubernetes.client KUBECONFIG
"""

from __future__ import annotations

import sys
from pathlib import Path

from calico_bgp.sources.kubernetes.connection.kubeconfig import load_kubeconfig
from calico_bgp.sources.kubernetes.source import read_cluster

if __name__ == "__main__":
    snapshot = read_cluster(load_kubeconfig([Path(sys.argv[1])]).access())
    peers = sum(len(reading.peers) for reading in snapshot.readings)
    assert snapshot.kubernetes is not None
    assert snapshot.resources is not None
    print(len(snapshot.readings), peers, snapshot.kubernetes.transport)
