"""Which readings, hosts and Nodes are one node."""
