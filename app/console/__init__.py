"""The desk: where agents see who waits, read along, take over, answer and hand back."""
