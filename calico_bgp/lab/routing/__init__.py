"""Which routes the simulated nodes hold: what each announces, how it spreads, and how BIRD and the kernel print it."""
