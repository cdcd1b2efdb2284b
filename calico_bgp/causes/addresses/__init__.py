"""Causes that lie in addresses and names: wrong, stale, doubled, not a node's own."""
