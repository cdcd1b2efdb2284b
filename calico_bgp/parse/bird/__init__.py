"""What BIRD itself answers, beyond the table of its protocols: routes, and all about each protocol."""
