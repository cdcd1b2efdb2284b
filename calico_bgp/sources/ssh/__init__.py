"""Readings over SSH: from a line of hosts.txt to what the node printed."""
