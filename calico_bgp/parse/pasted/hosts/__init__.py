"""Finds out of which host each part of a paste comes: headers, prompts, tables of kubectl, complaints."""
