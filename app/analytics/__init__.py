"""What the conversations of the last days add up to."""
