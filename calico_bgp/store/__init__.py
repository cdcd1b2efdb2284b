"""Keeps what was read: the snapshot folder and whole files, written so that a kill never leaves half of one."""
