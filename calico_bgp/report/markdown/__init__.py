"""Reports in Markdown, for tickets."""
