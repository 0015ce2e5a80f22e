"""Platforms that ask us for cards, end to end."""
