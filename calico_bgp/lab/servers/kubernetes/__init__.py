"""A Kubernetes API server for the lab: what it has, how it answers, what may be wrong with it. Loopback only."""
