"""The books: accounts, transfers that never change, and what they add up to."""
