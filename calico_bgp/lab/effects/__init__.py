"""What each fault of the catalogue changes: resources, machines, rows, routes. One small function per fault; pure."""
