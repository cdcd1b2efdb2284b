"""Writes docs/metrics.md from the declarations of the metrics: `make generate`. A test compares both."""

from __future__ import annotations

from pathlib import Path

from calico_bgp.monitor.metrics.declarations import METRICS, Metric

PAGE = Path(__file__).parents[1] / "metrics.md"

_INTRO = """# Metrics

`calico-bgp monitor --metrics 9469` serves them at `http://127.0.0.1:9469/metrics`; `--metrics 0.0.0.0:9469` to the
network: there is no login, so put something in front of it. `calico-bgp monitor --textfile FILE` and, from cron,
`calico-bgp audit --format prometheus -o FILE` write a file for a textfile collector, wholly or not at all. They need
prometheus-client: `pip install 'calico-bgp[metrics]'`.

```sh
calico-bgp monitor --metrics 9469
calico-bgp audit --format prometheus -o /var/lib/node_exporter/calico_bgp.prom
```

- **Nothing has a label for a peer.** In a mesh of 5,000 nodes there are 25 million. Of each node and family there are
  eight series: 5,000 nodes have at most 50,000 with one family, 95,000 with two. `--metrics-per-node off` leaves out
  what has a series per node: at most 550 are left.
- **A known class with none of its kind is 0, and what is not known is absent.** `calico_bgp_up` and
  `calico_bgp_nodes{state="unreadable"}` say that something is not known.
- A cause that is told stays in `calico_bgp_cause_active` while the cluster cannot be read: unknown resolves nothing.
- All but `calico_bgp_build_info` have the label `cluster`: `--cluster NAME`, the kubeconfig's context, or `default`.

[Alerts](alerts.md) and a Grafana dashboard are in `deploy/`.

"""


def page() -> str:
    """The whole page."""
    return _INTRO + "| metric | type | labels | meaning |\n|---|---|---|---|\n" + "".join(map(_row, METRICS))


def _row(metric: Metric) -> str:
    fixed = dict(metric.values)
    labels = ", ".join(f"`{name}`" + (f": {', '.join(fixed[name])}" if name in fixed else "") for name in metric.labels)
    more = f" Absent {metric.absent}." if metric.absent else ""
    more += " Only of `monitor`." if metric.watched else ""
    return f"| `{metric.full_name}` | {metric.type} | {labels or '-'} | {metric.help}{more} |\n"
