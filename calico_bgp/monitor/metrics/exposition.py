"""Samples in Prometheus' formats, by prometheus-client: a collector for /metrics, and the text for a file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from calico_bgp.errors import MissingExtra
from calico_bgp.model.reports.report import Report
from calico_bgp.model.snapshot import Snapshot
from calico_bgp.monitor.metrics.declarations import METRICS, Metric
from calico_bgp.monitor.metrics.samples import Sample, samples
from calico_bgp.monitor.metrics.seen import seen_once

if TYPE_CHECKING:
    from prometheus_client.core import Metric as Family


def report_to_prometheus(snapshot: Snapshot, report: Report, took: float, *, per_node: bool = True) -> str:
    """One audit in the text format.

    Raises:
        MissingExtra: prometheus-client is not installed (extra `metrics`).
    """
    return to_text(samples(seen_once(snapshot, report, took), per_node=per_node))


def to_text(all_samples: Iterable[Sample]) -> str:
    """The text format, for a textfile collector.

    Raises:
        MissingExtra: prometheus-client is not installed (extra `metrics`).
    """
    client = require_client()
    registry = client.CollectorRegistry(auto_describe=False)
    collector = Collector()
    collector.show(all_samples)
    registry.register(collector)
    text: bytes = client.generate_latest(registry)
    return text.decode()


class Collector:
    """Gives the samples of the last finished poll, however often it is asked; none before the first."""

    def __init__(self) -> None:
        self._families: tuple[Family, ...] = ()

    def show(self, all_samples: Iterable[Sample]) -> None:
        """From now on these."""
        self._families = tuple(_families(all_samples))

    def collect(self) -> Iterator[Family]:
        """For prometheus-client. What is yielded is not changed any more, so that threads may share it."""
        yield from self._families


def _families(all_samples: Iterable[Sample]) -> Iterator[Family]:
    from prometheus_client import core  # noqa: PLC0415 - an extra, imported where it is used

    families: dict[Metric, Any] = {}
    for metric in METRICS:
        names = metric.labels if metric.name == "build_info" else ("cluster", *metric.labels)
        kind = core.CounterMetricFamily if metric.type == "counter" else core.GaugeMetricFamily
        families[metric] = kind(f"calico_bgp_{metric.name}", metric.help, labels=names)
    for sample in all_samples:
        families[sample.metric].add_metric(sample.labels, sample.value)
    yield from (family for family in families.values() if family.samples)


def require_client() -> Any:
    """prometheus-client.

    Raises:
        MissingExtra: It is not installed (extra `metrics`).
    """
    try:
        import prometheus_client  # noqa: PLC0415 - an extra, imported where it is used
    except ImportError as error:
        raise MissingExtra("prometheus-client", "metrics") from error
    return prometheus_client


class MetricsServer:
    """/metrics over HTTP, in threads of its own, until `close`.

    Args:
        host: Where to listen: an address of this machine.
        port: The port; 0 for a free one.

    Raises:
        MissingExtra: prometheus-client is not installed (extra `metrics`).
        OSError: The system refuses, as where the port is taken.
    """

    def __init__(self, host: str, port: int) -> None:
        client = require_client()
        self.collector = Collector()
        registry = client.CollectorRegistry(auto_describe=False)
        registry.register(self.collector)
        self._server, self._thread = client.start_http_server(port, addr=host, registry=registry)

    @property
    def port(self) -> int:
        """The port that it listens at."""
        return int(self._server.server_port)

    def close(self) -> None:
        """Listen no more."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
