"""Causes of routes that are lost while all sessions stand: what only BIRD's tables and the kernel's show."""
