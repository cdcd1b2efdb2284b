"""What the files of OpenSSH have in common: their patterns, and which `Host` lines may match a name."""
