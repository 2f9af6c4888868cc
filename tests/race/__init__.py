"""Seeded interleavings of takeover, release, turns, sends, retries and crashes, on a real Postgres."""
