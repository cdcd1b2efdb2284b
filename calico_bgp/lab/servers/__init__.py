"""Serves the simulated cluster on loopback: SSH, and the Kubernetes API."""
