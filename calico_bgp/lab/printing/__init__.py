"""What the nodes of the simulated cluster print: tables, answers and resources. Pure; no servers here."""
