"""What Calico would configure on every node: Resources in, expected peers out. No I/O; nothing observed enters it."""
