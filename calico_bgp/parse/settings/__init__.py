"""calico-bgp.toml: text in, values out."""
