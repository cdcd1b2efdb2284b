from tests.unit.report.lab_reports import audited

__all__ = ["audited"]
