"""How the buyer gets the cards, and how the platform is told."""
