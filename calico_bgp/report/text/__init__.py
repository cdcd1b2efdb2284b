"""What all forms of text share: pages, columns, names, safe characters."""
