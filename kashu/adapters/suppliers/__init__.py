"""Adapters of the protocols that suppliers speak."""
