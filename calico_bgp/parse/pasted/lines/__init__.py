"""Single lines of a paste: cleaned, freed of what stands before them, and made whole."""
