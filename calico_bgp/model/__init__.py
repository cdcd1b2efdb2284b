"""Frozen values: what was read, who is who, what an audit says. No parsing and no I/O may enter this room."""
