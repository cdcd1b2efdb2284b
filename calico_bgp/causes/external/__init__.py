"""Causes that lie in sessions with peers outside the cluster, such as top-of-rack switches."""
