"""Who learns whose routes, and what a change would break. Works on values; nothing here reads or shows anything."""
