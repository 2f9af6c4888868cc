"""What the desk adds to a conversation: who holds it, how urgent it is, notes, and warnings."""
