"""Expected peers, and findings of the lint."""
