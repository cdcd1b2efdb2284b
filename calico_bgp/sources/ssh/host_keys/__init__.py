"""Is this the right server? OpenSSH's known_hosts files, host certificates, and the judgement."""
