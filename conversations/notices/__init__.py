"""Telling colleagues that a customer waits for a person: by rules, step by step, until somebody takes it."""
