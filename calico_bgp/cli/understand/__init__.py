"""Commands that say what something means, or what is meant."""
