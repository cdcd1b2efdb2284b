"""Commands that write and read files."""
