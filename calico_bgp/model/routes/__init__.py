"""Routes, and what decides about them: BIRD's, the kernel's, BGPFilters. Values only."""
