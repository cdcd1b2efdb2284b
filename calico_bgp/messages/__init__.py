"""The words that findings, causes and fixes share, and what BIRD's, Calico's and Kubernetes' texts mean."""
