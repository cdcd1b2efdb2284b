"""calico-bgp.toml: which files there are (`places`), whose they are (`own_files`), what counts of them (`load`)."""
