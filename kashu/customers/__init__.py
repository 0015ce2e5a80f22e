"""Who buys in their own name: enterprise customers and distributors."""
