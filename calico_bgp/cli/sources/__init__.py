"""What a command reads: snapshots, nodes, files with resources."""
