"""Calico's resources: YAML and JSON in, the values of model/resources out."""
