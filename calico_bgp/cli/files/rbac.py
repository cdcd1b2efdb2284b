"""`calico-bgp rbac`: the roles that reading a cluster through its API server needs, as YAML. Nothing is connected."""

from __future__ import annotations

import json

import click
import yaml

from calico_bgp.cli.help.help import Command
from calico_bgp.sources.kubernetes.rights import NAMESPACES, bindings, roles

EPILOG = """
\b
Examples:
  calico-bgp rbac                                    the roles alone
  calico-bgp rbac --user jane | kubectl apply -f -   and give them to somebody
  calico-bgp rbac --service-account monitoring/calico-bgp
  calico-bgp rbac --no-exec                          without asking any pod

\b
Exec in a calico-node pod is root on its host, and RBAC cannot restrict the
command: give it to a service account rather than to people. Without it nodes,
pods and resources are read, but no BIRD is.
"""


@click.command(cls=Command, epilog=EPILOG)
@click.option("--user", metavar="NAME", help="Bind them to this user.")
@click.option("--group", metavar="NAME", help="Bind them to this group.")
@click.option("--service-account", metavar="NAMESPACE/NAME", help="Bind them to this service account.")
@click.option("--namespace", "namespaces", metavar="NAME", multiple=True, help="Where calico-node runs. Repeatable.")
@click.option("--no-exec", is_flag=True, help="Without the right to run commands in pods.")
def command(
    *, user: str | None, group: str | None, service_account: str | None, namespaces: tuple[str, ...], no_exec: bool
) -> None:
    """Print the ClusterRole and Roles that calico-bgp needs to read a cluster through its API server."""
    spaces = namespaces or NAMESPACES
    documents = roles(spaces, with_exec=not no_exec)
    for kind, name in (("User", user), ("Group", group)):
        if name is not None:
            documents += bindings(spaces, {"kind": kind, "name": name, "apiGroup": "rbac.authorization.k8s.io"})
    if service_account is not None:
        namespace, slash, name = service_account.partition("/")
        if not slash or not namespace or not name:
            raise click.UsageError("--service-account is NAMESPACE/NAME.")
        documents += bindings(spaces, {"kind": "ServiceAccount", "name": name, "namespace": namespace})
    for document in documents:
        # One by one, and copied: an object that stands twice would be written as an alias.
        click.echo("---\n" + yaml.safe_dump(json.loads(json.dumps(document)), sort_keys=False), nl=False)
