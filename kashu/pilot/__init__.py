"""Pilot: a store is tried beside the old way, compared with it, and switched over."""
