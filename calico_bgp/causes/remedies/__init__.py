"""What fixes a cause, as data: commands with names filled in. Nothing is run here."""
