"""Where readings come from: SSH. No judging and no showing may enter this room."""
