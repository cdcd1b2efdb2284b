"""Where readings come from: SSH and the Kubernetes API. No judging and no showing may enter this room."""
