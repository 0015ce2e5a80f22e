"""Platforms as local servers that speak the real protocols, with faults at will."""
