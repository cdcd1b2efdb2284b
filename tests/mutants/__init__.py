"""`make mutants`: small faults are put into the modules that judge, one at a time, and some test must fail for each."""
