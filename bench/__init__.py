"""Benches: what is promised about speed, measured beside what it is measured against."""
