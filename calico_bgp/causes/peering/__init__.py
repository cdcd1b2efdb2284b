"""Causes that lie in what two ends of a session do not agree on: AS, password, configuration, filters."""
