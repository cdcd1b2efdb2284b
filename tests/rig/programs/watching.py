"""A lab that is watched in a time of its own: what the metrics were, minute by minute. For promtool; nobody waits."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from calico_bgp.auditing.engine import audit
from calico_bgp.lab.cluster import LabCluster
from calico_bgp.lab.lab import Lab
from calico_bgp.model.event import Event
from calico_bgp.model.snapshot import Snapshot
from calico_bgp.monitor.metrics.declarations import BUILD_INFO
from calico_bgp.monitor.metrics.samples import Sample, samples
from calico_bgp.monitor.metrics.seen import Watching
from calico_bgp.monitor.metrics.sessions import ExpectedSessions
from calico_bgp.monitor.watcher import Watcher
from calico_bgp.sources.kubernetes.connection.kubeconfig import load_kubeconfig
from calico_bgp.sources.kubernetes.source import read_cluster

START = datetime(2026, 11, 30, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


class Minutes:
    """A clock that somebody else moves."""

    def __init__(self) -> None:
        self.at = START

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return (self.at - START).total_seconds()

    def wait(self, seconds: float) -> None:
        raise AssertionError("nobody waits here")


@dataclass(frozen=True)
class Act:
    """So many polls, a minute each, in which these faults are there."""

    faults: tuple[str, ...]
    minutes: int
    api_faults: tuple[str, ...] = ()


def watched(cluster: LabCluster, acts: Sequence[Act]) -> tuple[list[list[Sample]], list[Event]]:
    """The samples of every minute, and all that was told. Each act is read once; nothing changes within it."""
    clock, watching, expected = Minutes(), Watching(), ExpectedSessions()
    shown: list[list[Sample]] = []
    told: list[Event] = []
    with Lab(cluster, clock=clock.now) as lab:
        access = load_kubeconfig([lab.kubeconfig]).access()
        kept: list[Snapshot] = []

        def read() -> Snapshot:
            if not kept:
                kept.append(read_cluster(access, cluster="lab"))
            return _moved(kept[0], clock.at)

        reports: dict[int, object] = {}

        def judge(snapshot: Snapshot):
            # The same tables a minute later are judged alike: only the first of an act is.
            if not reports:
                reports[0] = audit(snapshot, flap_window=timedelta())
            return reports[0]

        watcher = Watcher(read, judge, every=60, clock=clock)
        for act in acts:
            lab.set_faults(act.faults, ago=timedelta(seconds=20))
            kept.clear()
            reports.clear()
            for _ in range(act.minutes):
                finished = watcher.poll()
                shown.append(list(samples(watching.seen(finished), expected=expected)))
                told += finished.events
                clock.at += MINUTE
    return shown, told


def _moved(snapshot: Snapshot, at: datetime) -> Snapshot:
    """The snapshot as if it had been read then."""
    moved = tuple(reading.model_copy(update={"taken_at": at, "clock": at}) for reading in snapshot.readings)
    return snapshot.model_copy(update={"taken_at": at, "readings": moved})


def promtool_test(shown: list[list[Sample]], rules: Path, alerts: Sequence[dict[str, object]]) -> str:
    """A file for `promtool test rules`: the series, and which alerts must fire when.

    Args:
        shown: The samples of each minute.
        rules: The rules.
        alerts: `eval_time`, `alertname`, `exp_alerts` as promtool has them.
    """
    wanted = set(re.findall(r"calico_bgp_\w+", rules.read_text()))
    series: dict[str, list[str]] = {}
    for minute, found in enumerate(shown):
        for sample in (sample for sample in found if sample.metric.full_name in wanted):
            names = sample.metric.labels if sample.metric is BUILD_INFO else ("cluster", *sample.metric.labels)
            labels = ",".join(f"{name}={json.dumps(value)}" for name, value in zip(names, sample.labels, strict=True))
            # promtool's time begins at 0; so does its time().
            value = sample.value - START.timestamp() if "timestamp" in sample.metric.name else sample.value
            values = series.setdefault(f"{sample.metric.full_name}{{{labels}}}", [])
            values += ["_"] * (minute - len(values)) + [f"{value:g}"]
    inputs = [{"series": name, "values": _runs(values)} for name, values in series.items()]
    document = {
        "rule_files": [str(rules)],
        "evaluation_interval": "1m",
        "tests": [{"interval": "1m", "input_series": inputs, "alert_rule_test": list(alerts)}],
    }
    # JSON is YAML.
    return json.dumps(document)


def _runs(values: list[str]) -> str:
    """`1 1 1` as `1x2`: ten thousand series take their room. A series that ends is stale, as Prometheus has it."""
    found: list[str] = []
    place = 0
    while place < len(values):
        end = place
        while end + 1 < len(values) and values[end + 1] == values[place]:
            end += 1
        run = end - place
        found.append(
            values[place] if run == 0 else f"_x{run + 1}" if values[place] == "_" else f"{values[place]}x{run}"
        )
        place = end + 1
    return " ".join([*found, "stale"])
