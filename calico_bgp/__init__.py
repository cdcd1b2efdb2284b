"""Tells whether the BGP of a Calico Kubernetes cluster is healthy, why not, and what mends it."""
