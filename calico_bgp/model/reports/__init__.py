"""What is said of a cluster: findings, causes with their fixes, reports, and what differs between two."""
