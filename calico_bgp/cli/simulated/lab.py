"""`calico-bgp lab`: start a simulated cluster, list its faults. Options and words only; the lab itself is in lab/."""

from __future__ import annotations

import shlex
import shutil
import signal
import sys
import threading
from pathlib import Path

import click

from calico_bgp.cli.help.completing import complete_api_faults, complete_faults
from calico_bgp.cli.help.help import Group
from calico_bgp.lab.cluster import LabCluster, Topology, Variant, build_cluster
from calico_bgp.lab.faults.fault import CATALOGUE, Scope, parse_fault
from calico_bgp.lab.lab import Lab
from calico_bgp.lab.printing.go_table import Layout
from calico_bgp.lab.servers.kubernetes.faults import API_CATALOGUE
from calico_bgp.model.peer import Family

#: More would need more file descriptors than a process usually may have.
_MAX_NODES = 500
_FAMILIES = {
    "ipv4": (Family.IPV4,),
    "ipv6": (Family.IPV6,),
    "dual": (Family.IPV4, Family.IPV6),
}
_VARIANTS = {
    Variant.GLOBAL: "reflectors are `global` (an empty nodeSelector)",
    Variant.ALL: "all peers `node specific` (all())",
    Variant.CLIENTS: "reflectors do not peer with each other (!has(route-reflector))",
}

_DEFAULTS = {
    Scope.NODES: "the last node",
    Scope.GROUP: "the nodes of the last node's zone",
    Scope.PAIR: "the last node, towards all its peers",
    Scope.TWO: "the first and the last node (one-sided-config: the last two)",
    Scope.REFLECTORS: "all reflectors",
}

EXAMPLES = """
\b
Examples:
  calico-bgp lab up              6 nodes, 2 of them reflectors
  calico-bgp lab up --topology mesh --nodes 4 --family dual
  calico-bgp lab up --fault bird-down:node3 --fault wrong-as:node4,node1
  calico-bgp lab up --dir mylab  hosts.txt, key, known_hosts go there
  calico-bgp lab faults          what can be broken
"""


@click.group("lab", cls=Group, epilog=EXAMPLES)
def command() -> None:
    """Start a simulated cluster on loopback: every node is an SSH server that answers as a real one would."""


@command.command("up", epilog=EXAMPLES)
@click.option("--nodes", type=click.IntRange(1, _MAX_NODES), default=6, show_default=True, help="All nodes together.")
@click.option(
    "--reflectors",
    type=click.IntRange(0, _MAX_NODES),
    default=None,
    help="How many of them are route reflectors.  [default: 2; 0 in a mesh]",
)
@click.option(
    "--topology",
    type=click.Choice([shape.value for shape in Topology]),
    default=None,
    help="Who peers with whom.  [default: reflectors]",
)
@click.option(
    "--variant",
    type=click.Choice([variant.value for variant in Variant]),
    default=Variant.GLOBAL.value,
    show_default=True,
    help="How the reflectors' BGPPeer is written: "
    + "; ".join(f"{name}: {text}" for name, text in _VARIANTS.items())
    + ".",
)
@click.option("--family", type=click.Choice(list(_FAMILIES)), default="ipv4", show_default=True, help="BGP's families.")
@click.option("--listen-port", type=click.IntRange(1, 65535), help="BGP's listenPort; it shows in the peers' names.")
@click.option("--switch", is_flag=True, help="All nodes also peer with a top-of-rack switch, which is there.")
@click.option(
    "--fault",
    "faults",
    shell_complete=complete_faults,
    multiple=True,
    metavar="KIND[:NODE[,NODE]]",
    help="Break something; again for more. `calico-bgp lab faults` lists the kinds.",
)
@click.option(
    "--api-fault",
    "api_faults",
    multiple=True,
    metavar="KIND[:NODE]",
    shell_complete=complete_api_faults,
    help="Break the way through the Kubernetes API; again for more. `calico-bgp lab faults` lists the kinds.",
)
@click.option(
    "--dir",
    "directory",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where hosts.txt, key, known_hosts, ssh_config and resources.yaml go.  [default: a temporary folder]",
)
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="The nodes' SSH port.  [default: a free one]")
@click.option(
    "--layout",
    type=click.Choice([layout.value for layout in Layout]),
    default=Layout.LEFT.value,
    show_default=True,
    help="The calicoctl they have.",
)
def up(
    *,
    nodes: int,
    reflectors: int | None,
    topology: str | None,
    variant: str,
    family: str,
    listen_port: int | None,
    switch: bool,
    faults: tuple[str, ...],
    api_faults: tuple[str, ...],
    directory: Path | None,
    port: int,
    layout: str,
) -> None:
    """Run a cluster until Ctrl-C."""
    shape = Topology(topology or (Topology.MESH if reflectors == 0 else Topology.REFLECTORS))
    if shape is not Topology.REFLECTORS and reflectors:
        raise click.UsageError(f"--topology {shape} has no reflectors; leave --reflectors out")
    count = min(2, nodes) if reflectors is None else reflectors
    if count > nodes:
        raise click.UsageError(f"{count} reflectors among {nodes} nodes; --nodes counts all nodes together")
    if shape is Topology.REFLECTORS and count == 0:
        raise click.UsageError("--topology reflectors needs at least one reflector")
    cluster = build_cluster(
        nodes,
        reflectors=count,
        topology=shape,
        variant=Variant(variant),
        families=_FAMILIES[family],
        listen_port=listen_port,
        switch=switch,
    )
    broken = [parse_fault(text, cluster) for text in faults]
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with Lab(
        cluster, faults=broken, directory=directory, port=port, layout=Layout(layout), api_faults=api_faults
    ) as lab:
        click.echo(_introduction(lab))
        # Without a timeout some systems do not run the signal handler before the wait ends.
        while not stop.wait(timeout=1.0):
            pass
    click.echo("\nThe lab is down, and its files are removed.")


def _introduction(lab: Lab) -> str:
    lines = [f"{_summary(lab.cluster)} is up."]
    lines += [f"  broken: {fault}" for fault in lab.faults]
    config = shlex.quote(str(lab.directory / "ssh_config"))
    lines += [
        "",
        "In another terminal, audit it through its Kubernetes API:",
        f"  {program()} audit --kubeconfig {shlex.quote(str(lab.kubeconfig))}",
        "",
        "or over SSH:",
        f"  {audit_command(lab)}",
        "",
        "or look at one node:",
        f"  ssh -F {config} {lab.cluster.nodes[0].name} sudo calicoctl node status",
        f"  kubectl --kubeconfig {shlex.quote(str(lab.kubeconfig))} get nodes",
        "",
        "Ctrl-C takes it down.",
    ]
    return "\n".join(lines)


def audit_command(lab: Lab) -> str:
    """The command line that audits a lab, ready to be pasted into a shell."""
    hosts, known_hosts = (shlex.quote(str(path)) for path in (lab.hosts_file, lab.known_hosts))
    return f"{program()} audit {hosts} --known-hosts {known_hosts} --ssh-config none"


def program() -> str:
    """How to call this installation: `calico-bgp` where the shell finds just this one, else through its Python."""
    in_path = shutil.which("calico-bgp")
    if in_path and Path(in_path).absolute().parent == Path(sys.executable).absolute().parent:
        return "calico-bgp"
    return f"{shlex.quote(sys.executable)} -m calico_bgp"


def _summary(cluster: LabCluster) -> str:
    families = " and ".join(family.label for family in cluster.families)
    shape = {
        Topology.MESH: "a full mesh",
        Topology.REFLECTORS: "with reflectors " + ", ".join(node.name for node in cluster.reflectors),
        Topology.NO_BGP: "without BGP",
    }[cluster.topology]
    count = len(cluster.nodes)
    return f"A simulated cluster of {count} node{'s' if count > 1 else ''} ({shape}; {families})"


@command.command("faults", epilog=EXAMPLES)
def faults_command() -> None:
    """List what can be broken."""
    click.echo(fault_list())


def fault_list() -> str:
    """The catalogue of faults, and which nodes they take."""
    width = max(len(entry.kind) for entry in CATALOGUE)
    lines = []
    for entry in CATALOGUE:
        only = "" if len(entry.topologies) > 1 else f"  (only with {entry.topologies[0]})"
        lines += [f"{entry.kind:<{width}}  {entry.scope}{only}", f"{'':<{width}}  {entry.meaning}"]
    lines += ["", "Between you and the pods (demo --fault, lab up --api-fault):"]
    for fault in API_CATALOGUE:
        lines += [
            f"{fault.kind:<{width}}  {'NODE' if fault.of_a_node else Scope.CLUSTER}",
            f"{'':<{width}}  {fault.meaning}",
        ]
    names = {scope: f"  {scope}" for scope in Scope}
    wide = max(map(len, names.values())) + 2
    lines += ["", "NODE is a name such as node3. Without a node:"]
    lines += [f"{names[scope]:<{wide}}{default}" for scope, default in _DEFAULTS.items()]
    return "\n".join(lines)
