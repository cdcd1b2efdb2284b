"""OpenSSH's client configuration files, read as OpenSSH reads them."""
