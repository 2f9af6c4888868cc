"""A local Zendesk with a desk to answer from. Source: Zendesk's API reference."""
