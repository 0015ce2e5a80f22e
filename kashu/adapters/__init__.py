"""Outside systems behind our protocols: one file for each of their protocols."""
