"""Commands that look again and again."""
