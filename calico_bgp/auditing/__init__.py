"""Snapshot → Report: the engine and the rules, one file per family of rules. No I/O, no rendering."""
