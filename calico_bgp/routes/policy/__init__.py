"""Which routes a session lets through, and what becomes of them: BGPFilters, and Calico's own export rules."""
