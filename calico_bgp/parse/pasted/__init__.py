"""What people paste: text of any origin in, nodes out. A pipeline of small steps; `reader` runs them in their order."""
