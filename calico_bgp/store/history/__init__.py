"""What a watcher saw, in SQLite: changes only, a row per poll, and the events. Judges nothing."""
