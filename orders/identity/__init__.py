"""Proving an order with a one-time code: what a code is, and where the tries are kept."""
