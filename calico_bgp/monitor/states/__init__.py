"""What a watcher remembers from poll to poll, and what it tells. Values and functions only: no clock, no I/O."""
