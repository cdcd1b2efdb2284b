"""The acts of `calico-bgp demo`."""
