"""All facts of one snapshot: who is who, sessions joined from both ends, what should be, which sessions are bad."""
