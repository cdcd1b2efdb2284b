"""Causes that lie in the roles of nodes: lost reflectors, layouts that do not join, nodes that left."""
