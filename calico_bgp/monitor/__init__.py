"""Watching a cluster: polls become states and events. `states` reasons; loop, metrics and log stand beside it."""
