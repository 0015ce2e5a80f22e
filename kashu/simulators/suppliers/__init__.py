"""Suppliers as local servers that speak their protocols, for tests and the demo."""
