"""docs/json.md promises what the code writes."""

import json
import re
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from calico_bgp.causes.families import CAUSE_KINDS
from calico_bgp.model.reports.cause import Asked, Cause, Decision, Fix, FixStep, Outcome
from calico_bgp.model.reports.report import Finding, Report
from calico_bgp.report.status.choice import status_rows
from calico_bgp.report.status.json import status_to_json

PAGE = (Path(__file__).parents[3] / "docs" / "json.md").read_text("utf-8")


def example(schema):
    (text,) = re.findall(rf'```json title="{re.escape(schema)}"\n(.*?)```', PAGE, re.DOTALL)
    return json.loads(text)


def shape(value):
    """The keys of every object; lists by their first entry."""
    if isinstance(value, dict):
        return {key: shape(item) for key, item in value.items()}
    return [shape(value[0])] if isinstance(value, list) and value else None


def test_the_audit_example_is_a_report():
    document = example("calico-bgp/audit/1")
    report = Report.model_validate(document)
    assert report.model_dump(mode="json") == document


def test_the_audit_example_shows_a_cause_and_what_it_explains():
    report = Report.model_validate(example("calico-bgp/audit/1"))
    assert {finding.cause_id: finding.id for finding in report.findings} == {c.id: c.findings[0] for c in report.causes}
    assert all(cause.kind in CAUSE_KINDS and cause.decide and cause.fixes for cause in report.causes)


def test_the_status_example_has_the_shape_of_the_real_one(outage):
    _, snapshot = outage
    real = json.loads(status_to_json(snapshot, status_rows(snapshot)))
    assert shape(example("calico-bgp/status/1")) == shape(real)


@pytest.mark.parametrize("field", sorted(Report.model_json_schema(by_alias=True)["properties"]))
def test_every_field_of_a_report_is_documented(field):
    assert f"| `{field}` |" in PAGE


@pytest.mark.parametrize("model", [Finding, Cause, Decision, Outcome, Fix, FixStep, Asked])
def test_every_field_of_causes_and_findings_is_documented(model):
    section = PAGE.split("## calico-bgp/audit/1")[1].split("```json")[0]
    fields = TypeAdapter(model).json_schema(by_alias=True, mode="serialization")["properties"]
    assert [field for field in fields if f"`{field}`" not in section] == []
