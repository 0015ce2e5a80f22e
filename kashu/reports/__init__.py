"""Reads across everything; writes nothing of its own."""
