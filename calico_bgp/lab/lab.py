"""The lab as users have it: a cluster that runs while the `with` block does. Joins tables, servers and files."""

from __future__ import annotations

import secrets
import socket
import threading
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

from calico_bgp.lab.cluster import LabCluster
from calico_bgp.lab.effects.machines import is_off, own_addresses, told_name
from calico_bgp.lab.effects.routes import trouble_of
from calico_bgp.lab.faults.fault import Fault, FaultKind, parse_fault
from calico_bgp.lab.files import USER, LabFiles
from calico_bgp.lab.printing.answers import NodeState, answer_command
from calico_bgp.lab.printing.go_table import Layout
from calico_bgp.lab.printing.protocols import NodeTable
from calico_bgp.lab.printing.render import Printed
from calico_bgp.lab.printing.resources import lab_resources, resources_to_yaml
from calico_bgp.lab.printing.tables import Epoch, lab_tables
from calico_bgp.lab.routing.answers import RoutesState
from calico_bgp.lab.routing.state import LabRoutes
from calico_bgp.lab.servers.keys import new_key
from calico_bgp.lab.servers.kubernetes.faults import parse_api_faults, without_bird
from calico_bgp.lab.servers.kubernetes.kubeconfig import kubeconfig
from calico_bgp.lab.servers.kubernetes.server import LabAPI
from calico_bgp.lab.servers.kubernetes.world import World, lab_world
from calico_bgp.lab.servers.listeners import LabError, listen_at, listen_for
from calico_bgp.lab.servers.ssh import Endpoint, LabServer, Service
from calico_bgp.model import validators
from calico_bgp.model.inventory import Host
from calico_bgp.model.resources import Resources
from calico_bgp.parse.hosts.reader import parse_hosts

_CLUSTER_AGE = timedelta(days=3)
#: Time alone changes a table only where a SINCE turns from a time into a date.
_SAME_TABLES = timedelta(minutes=1)
_FAULT_AGE = timedelta(hours=1)


class Lab:
    """A simulated cluster with an SSH server per node on loopback, for demonstrations and for your own tests.

    Example:
        >>> with Lab(build_cluster(6, reflectors=2), faults=["bird-down:node4"]) as lab:
        ...     snapshot = gather(lab.hosts, SSHGatherer(SSHOptions(known_hosts=(lab.known_hosts,))))

    Args:
        cluster: What is configured.
        faults: What is broken, since an hour ago: `Fault` values or their text, `KIND[:NODE[,NODE]]`.
        directory: Where hosts.txt, key, known_hosts and ssh_config go; a temporary folder when None. The files are
            removed when the lab ends; a folder that was there before stays.
        port: The port of all nodes; a free one when 0.
        layout: Which calicoctl the nodes have.
        clock: The nodes' clock (aware); the real one when None.
        api_faults: What is wrong with the Kubernetes API, `KIND[:NODE]` (lab/servers/kubernetes/faults.py).

    Raises:
        LabError: The port is taken, or `directory` holds one of the files already.
        FaultError: A fault that is not in the catalogue or does not fit the cluster.
    """

    def __init__(
        self,
        cluster: LabCluster,
        *,
        faults: Iterable[Fault | str] = (),
        directory: Path | None = None,
        port: int = 0,
        layout: Layout = Layout.LEFT,
        clock: Callable[[], datetime] | None = None,
        api_faults: Iterable[str] = (),
    ) -> None:
        self.cluster = cluster
        self.layout = layout
        self._clock = clock or (lambda: datetime.now(UTC))
        self._wanted_directory = directory
        self._port = port
        self._lock = threading.Lock()
        now = self._clock()
        self._history = [Epoch(now - _CLUSTER_AGE)]
        self._api_faults = parse_api_faults(api_faults, cluster)
        initial = self._read_faults((*faults, *without_bird(self._api_faults)))
        if initial:
            self._history.append(Epoch(now - _FAULT_AGE, initial))
        self._tables: tuple[datetime, tuple[NodeTable, ...]] | None = None
        self._routes: LabRoutes | None = None
        self._nodes = cluster.by_name
        self._host_keys = {name: new_key()[0] for name in self._nodes}
        self._other_keys = {name: new_key()[0] for name in self._nodes}
        self._server: LabServer | None = None
        self._api: LabAPI | None = None
        self._endpoints: dict[str, Endpoint] = {}
        self._files: LabFiles | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def directory(self) -> Path:
        """The folder with hosts.txt, key, known_hosts, ssh_config and resources.yaml."""
        if self._files is None:
            raise LabError("the lab does not run: use it in a `with` block, or call start()")
        return self._files.directory

    @property
    def hosts_file(self) -> Path:
        """hosts.txt: every node with its place on loopback, its name, role and key."""
        return self.directory / "hosts.txt"

    @property
    def resources_file(self) -> Path:
        """resources.yaml: Calico's resources, as the datastore has them at this moment."""
        return self.directory / "resources.yaml"

    @property
    def kubeconfig(self) -> Path:
        """kubeconfig: the way in through the cluster's API server; with `KUBECONFIG` set to it kubectl works, too."""
        return self.directory / "kubeconfig"

    @property
    def known_hosts(self) -> Path:
        """The nodes' host keys."""
        return self.directory / "known_hosts"

    @property
    def hosts(self) -> tuple[Host, ...]:
        """hosts.txt, read."""
        return parse_hosts(self.hosts_file.read_text(encoding="utf-8"), source=str(self.hosts_file))

    @property
    def endpoints(self) -> dict[str, Endpoint]:
        """Where each node listens (or would, if it were not down)."""
        return dict(self._endpoints)

    @property
    def faults(self) -> tuple[Fault, ...]:
        """What is broken at this moment."""
        return self._history[-1].faults

    def tables(self) -> tuple[NodeTable, ...]:
        """What every node would show at this moment."""
        now = self._clock()
        with self._lock:
            if self._tables is None or abs(now - self._tables[0]) > _SAME_TABLES:
                self._tables = (now, lab_tables(self.cluster, self._history, now))
                trouble = trouble_of(self.cluster, self.faults)
                self._routes = LabRoutes(self.cluster, self._tables[1], self._history[0].at, trouble)
            return self._tables[1]

    def _routes_of(self, name: str) -> RoutesState:
        self.tables()
        with self._lock:
            assert self._routes is not None
            return self._routes.of(name)

    def set_api_faults(self, faults: Iterable[str]) -> None:
        """From now on exactly this is wrong with the Kubernetes API, and nothing else but what comes of it.

        Raises:
            FaultError: A fault that there is not, or that does not fit the cluster; then nothing changes.
        """
        self._api_faults = parse_api_faults(faults, self.cluster)
        self.set_faults(without_bird(self._api_faults), ago=_FAULT_AGE)

    def set_faults(self, faults: Iterable[Fault | str], *, ago: timedelta = timedelta()) -> None:
        """From now on exactly these faults are there; none heals the cluster. New connections see it at once.

        Args:
            faults: `Fault` values or their text.
            ago: For how long they have been there already, as SINCE tells it; no longer than the last change.

        Raises:
            FaultError: A fault that is not in the catalogue or does not fit the cluster; then nothing changes.
            LabError: The port of a node that comes back has been taken meanwhile.
        """
        new = self._read_faults(faults)
        with self._lock:
            before = self._down()
            self._history.append(Epoch(max(self._clock() - ago, self._history[-1].at), new))
            self._tables = None
            after = self._down()
        if self._server is None:
            return
        self._write_resources()
        for name in after - before:
            self._server.close_node(name)
        for name in before - after:
            self._server.open_node(name, listen_at(*self._endpoints[name]))

    def start(self) -> None:
        """Start the servers and write the files."""
        if self._server is not None:
            return
        validators.make_all()
        client_key, private_text = new_key()
        self._files = LabFiles(self._wanted_directory)
        listeners: dict[str, socket.socket] = {}
        try:
            listeners = listen_for(list(self._nodes), port=self._port)
            self._endpoints = {name: Endpoint(*listener.getsockname()) for name, listener in listeners.items()}
            self._files.write(self.cluster, self._endpoints, self._host_keys, private_text)
            self._write_resources()
        except BaseException:
            for listener in listeners.values():
                listener.close()
            self.stop()
            raise
        try:
            self._start_api()
        except BaseException:
            for listener in listeners.values():
                listener.close()
            self.stop()
            raise
        for name in self._down():
            listeners.pop(name).close()
        self._server = LabServer(listeners, client_key=client_key, user=USER, service_of=self._service)
        self._server.start()

    def stop(self) -> None:
        """Stop the servers and remove the files. Does nothing the second time."""
        if self._api is not None:
            self._api.stop()
            self._api = None
        if self._server is not None:
            self._server.stop()
            self._server = None
        if self._files is not None:
            self._files.remove()
            self._files = None

    def _start_api(self) -> None:
        assert self._files is not None
        token = secrets.token_urlsafe(24)
        self._api = LabAPI(self._world, token)
        self._api.start()
        self._files.write_kubeconfig(kubeconfig(self._api.server, self._api.authority, token))

    def _world(self) -> World:
        """What the API server shows at this moment."""
        return lab_world(
            self.cluster,
            self._resources(),
            faults=self.faults,
            api_faults=self._api_faults,
            state_of=self._state,
            now=self._clock(),
        )

    def _write_resources(self) -> None:
        assert self._files is not None
        self._files.write_resources(resources_to_yaml(self._resources()))

    def _resources(self) -> Resources:
        return lab_resources(self.cluster, self.faults)

    def _read_faults(self, faults: Iterable[Fault | str]) -> tuple[Fault, ...]:
        return tuple(parse_fault(str(fault), self.cluster) for fault in faults)

    def _down(self) -> set[str]:
        return {name for name in self._nodes if is_off(name, self.faults)}

    def _service(self, name: str) -> Service:
        """How a node presents itself to a new connection."""
        kinds = {fault.kind for fault in self.faults if name in fault.nodes}
        key = (self._other_keys if FaultKind.HOST_KEY_CHANGED in kinds else self._host_keys)[name]
        return Service(key, lambda command: self._answer(name, command))

    def _answer(self, name: str, command: str) -> Printed | None:
        return answer_command(command, self._state(name))

    def _state(self, name: str) -> NodeState:
        tables = zip(self._nodes, self.tables(), strict=True)
        return NodeState(
            name=told_name(name, self.faults),
            addresses=own_addresses(self._nodes[name], self.faults),
            table=next(table for machine, table in tables if machine == name),
            faults={fault.kind for fault in self.faults if name in fault.nodes},
            clock=self._clock(),
            layout=self.layout,
            resources=self._resources(),
            routes=self._routes_of(name),
        )
