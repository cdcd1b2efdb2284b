"""Sessions from both ends: which should be there, which are bad, which node explains that, and what each end says."""
