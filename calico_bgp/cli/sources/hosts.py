"""Reading the inventory that the user names. What a line of it means is parse/hosts's to say."""

from __future__ import annotations

from pathlib import Path

from calico_bgp.cli.sources.files import read_text
from calico_bgp.model.inventory import Host
from calico_bgp.parse.hosts.reader import parse_hosts

NO_HOSTS = """{path} does not exist. Write one host a line into it, or make it with:
    kubectl get nodes -o json | calico-bgp hosts - > {path}"""


def read_hosts(path: Path) -> tuple[Host, ...]:
    """The inventory in a file.

    Raises:
        CalicoBGPError: It is missing or no text.
        InventoryError: It holds mistakes; all of them are named.
    """
    return parse_hosts(read_text(str(path), missing=NO_HOSTS), source=str(path))
