"""Causes that lie on one node: BIRD, Felix, the pod, the operator who shut something down."""
