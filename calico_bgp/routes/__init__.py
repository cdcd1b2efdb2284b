"""Who learns whose routes, and what findings cost."""
