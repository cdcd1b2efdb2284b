"""Commands that show a simulated cluster."""
