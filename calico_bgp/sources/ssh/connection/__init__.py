"""From a name to one command on one connection: sockets, jump hosts, transport, session."""
