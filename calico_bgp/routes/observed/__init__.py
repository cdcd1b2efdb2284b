"""What BIRD and the kernel really hold, compared with what should be there. Nothing is computed from sessions here."""
