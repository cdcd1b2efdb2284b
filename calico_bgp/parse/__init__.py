"""Text in, model out: what calicoctl, BIRD, hosts.txt, Kubernetes and the configuration say. No I/O."""
