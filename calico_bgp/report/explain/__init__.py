"""What rules, causes and texts mean."""
