"""Kashu 卡枢: from a supplier's file to a delivered card, with the books right."""
