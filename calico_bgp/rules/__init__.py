"""What is looked for: in readings (`observed`) and in Calico's resources (`resources`). A rule yields drafts."""
