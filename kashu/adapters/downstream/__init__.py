"""Dialects that other systems buy in: each reads and answers as theirs does."""
