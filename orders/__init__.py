"""The shop's orders: what they are, what may be done with them, where they are kept."""
