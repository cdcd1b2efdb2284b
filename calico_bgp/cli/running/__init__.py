"""How a command runs: streams, signals, progress, failures of our own."""
