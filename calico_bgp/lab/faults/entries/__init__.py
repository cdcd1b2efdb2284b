"""The catalogue's lines, a file for each kind of trouble. Data only."""
