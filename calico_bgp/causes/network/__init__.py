"""Causes that lie between nodes: hosts down, cuts, ports, what nobody can see."""
