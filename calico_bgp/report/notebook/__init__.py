"""Values in notebooks: HTML fragments and frames."""
