"""Worker processes, which share one batch of nodes."""
