"""What the gather command printed on a node, section by section, and what one section says."""
