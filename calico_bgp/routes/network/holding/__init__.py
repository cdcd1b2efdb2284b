"""What BGPFilters and pools keep back of the nodes' blocks, at the ends of sessions."""
