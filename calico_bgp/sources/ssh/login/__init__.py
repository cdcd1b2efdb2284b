"""Proving who we are: keys, the agent, certificates, passwords."""
