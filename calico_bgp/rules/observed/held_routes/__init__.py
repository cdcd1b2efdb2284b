"""Rules of what BIRD and the kernel hold, compared with what should be there; silent where no table was read."""
