"""All peers of all nodes: which of them (`choice`), as a table, as CSV and as JSON."""
