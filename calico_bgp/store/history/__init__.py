"""What a watcher saw, in SQLite: changes only, a row per poll, and what was told. Judges nothing."""
