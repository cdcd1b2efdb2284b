"""Who learns whose routes, what hurts most, what a change does."""
