"""The difference of two moments, for a terminal."""
