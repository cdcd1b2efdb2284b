"""YAML as Kubernetes reads it: each value with its place, and with the words in which it was written."""
