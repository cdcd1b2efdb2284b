"""What each fault of the catalogue changes: resources, machines, rows. One small function per fault; pure."""
