"""Whom we buy from."""
