"""Snapshot → Report: the audit, its verdict and headline; the lint; what differs between two snapshots. No I/O."""
