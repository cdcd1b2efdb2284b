"""What the host that serves Calico's resources is asked, and what its answer means. No connections are made here."""
