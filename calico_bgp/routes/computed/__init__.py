"""iBGP propagation: a Network in, a Reachability out."""
