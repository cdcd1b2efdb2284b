"""The picture of who peers with whom: SVG and Mermaid, by meaning instead of by forces. Nothing is judged here."""
