"""The command line: one file per subcommand. Words in, exit code out; all reasoning is in the rooms below."""
