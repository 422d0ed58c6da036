"""What belongs to each phase, and what it gives to later ones."""
