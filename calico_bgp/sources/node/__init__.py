"""What a node is asked, and what its answer means. No connections are made here."""
