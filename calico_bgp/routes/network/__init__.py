"""The sessions of a cluster as route propagation looks at them, from resources or from tables."""
