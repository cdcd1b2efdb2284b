"""Commands that answer before something is changed."""
