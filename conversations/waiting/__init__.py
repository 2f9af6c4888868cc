"""What a customer reads who waits for a person: what happens now, when somebody answers, what to add."""
