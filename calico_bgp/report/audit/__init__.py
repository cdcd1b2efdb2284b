"""Reports of the audit, for terminals and programs."""
