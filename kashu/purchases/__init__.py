"""Purchases: what is ordered from suppliers, until goods and money are accounted for."""
