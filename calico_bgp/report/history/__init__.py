"""What a watched cluster went through: as text, JSON and frames."""
