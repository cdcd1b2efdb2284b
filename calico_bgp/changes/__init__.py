"""Changes to Calico's resources as values: applied to resources, and which sessions survive them."""
