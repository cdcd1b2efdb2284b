"""Nodes in classes, of which one stands for all: equal ones by resources, equivalent ones by sessions."""
