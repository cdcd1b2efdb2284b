"""The Grafana dashboard: it parses, needs no plugin, and asks for nothing that there is not."""

import json
import re
from pathlib import Path

import pytest

from calico_bgp.monitor.metrics.declarations import METRICS

ROOT = Path(__file__).parents[3]
DASHBOARD = json.loads((ROOT / "deploy" / "grafana" / "calico-bgp.json").read_text())
PANELS = DASHBOARD["panels"]
#: Every expression of a panel, and of a variable.
EXPRESSIONS = [target["expr"] for panel in PANELS for target in panel["targets"]]
QUERIES = [variable["query"]["query"] for variable in DASHBOARD["templating"]["list"]]
KNOWN = {metric.full_name: metric for metric in METRICS}
RECORDED = "cluster:calico_bgp_sessions_missing:sum"


def test_it_can_be_imported_anywhere():
    assert (DASHBOARD["id"], DASHBOARD["uid"]) == (None, "calico-bgp")
    assert [given["name"] for given in DASHBOARD["__inputs"]] == ["DS_PROMETHEUS"]
    sources = {json.dumps(panel["datasource"], sort_keys=True) for panel in PANELS}
    assert sources == {json.dumps({"type": "prometheus", "uid": "${DS_PROMETHEUS}"}, sort_keys=True)}
    # Panels that Grafana itself has.
    assert {panel["type"] for panel in PANELS} <= {"stat", "table", "timeseries"}
    assert len({panel["id"] for panel in PANELS}) == len(PANELS)


def test_no_panel_covers_another():
    cells = [
        (x, y)
        for panel in PANELS
        for x in range(panel["gridPos"]["x"], panel["gridPos"]["x"] + panel["gridPos"]["w"])
        for y in range(panel["gridPos"]["y"], panel["gridPos"]["y"] + panel["gridPos"]["h"])
    ]
    assert len(set(cells)) == len(cells)
    assert max(x for x, _ in cells) == 23


@pytest.mark.parametrize("expression", [*EXPRESSIONS, *QUERIES])
def test_every_metric_and_label_is_declared(expression):
    found = re.findall(r"(calico_bgp_\w+)(?:\{([^}]*)\})?", expression.replace(RECORDED, ""))
    assert found or RECORDED in expression
    for name, matchers in found:
        metric = KNOWN[name]
        fixed = dict(metric.values)
        for label, value in re.findall(r'(\w+)=~?"([^"]*)"', matchers):
            assert label in {"cluster", *metric.labels}, (name, label)
            assert label not in fixed or value in fixed[label], (name, value)


def test_the_recorded_one_is_of_the_rules():
    assert f"record: {RECORDED}\n" in (ROOT / "deploy" / "prometheus" / "calico-bgp.rules.yaml").read_text()


def test_most_of_what_is_declared_is_shown():
    shown = {name for expression in EXPRESSIONS for name in re.findall(r"calico_bgp_\w+", expression)}
    assert KNOWN.keys() - shown <= {
        "calico_bgp_build_info",
        "calico_bgp_up",
        "calico_bgp_causes",
        "calico_bgp_causes_not_shown",
        "calico_bgp_maintenance",
    }
