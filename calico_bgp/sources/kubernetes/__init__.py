"""Readings through the Kubernetes API: what the calico-node pods say, and Calico's resources. No SSH here."""
