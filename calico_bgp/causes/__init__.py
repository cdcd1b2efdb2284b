"""Causes: the fewest explanations of the findings. One file per family of causes; `families` lists them."""
