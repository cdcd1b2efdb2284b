"""Texts that hold no resources, one file a kind of them: what they are, and what to do with them."""
