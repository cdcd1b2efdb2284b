"""Showing: one file per form of output. Values in, text out; nothing here judges, reads a node or opens a file."""
