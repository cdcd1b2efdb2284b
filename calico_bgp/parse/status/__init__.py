"""What calicoctl prints of a node, and the gather command's whole answer."""
