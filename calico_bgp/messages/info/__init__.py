"""What `calicoctl node status` says, in words: one table for the audit, for `calico-bgp explain` and for the docs."""
