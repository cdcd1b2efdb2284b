"""Commands that look at a cluster as it is."""
