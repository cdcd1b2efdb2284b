"""One route on its way from a node to another, or to a peer outside: what each session does with it, and why."""
