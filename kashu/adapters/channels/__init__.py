"""Platforms behind the Channel protocol."""
