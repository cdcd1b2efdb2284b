"""What calico-bgp.toml says. Values only."""
