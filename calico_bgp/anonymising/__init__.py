"""A snapshot of which nothing names the cluster, and of which every judgement stays the same. Values in, values out."""
