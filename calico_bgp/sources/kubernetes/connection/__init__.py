"""The way to an API server: who we are, HTTP and WebSockets, the user's own kubectl. Knows no node and no table."""
