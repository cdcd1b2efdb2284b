"""The ordered way from a mesh to route reflectors, or back, judged step by step."""
