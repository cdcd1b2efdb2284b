"""Inventories of other programs, one file a form: text in, hosts out."""
