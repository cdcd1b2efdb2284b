"""What can break in the simulated cluster: the catalogue, a fault as users write it, and the cluster under it."""
