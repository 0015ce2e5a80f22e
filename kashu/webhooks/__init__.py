"""Webhooks: tell other programs what happened, signed, until they have heard it."""
