"""A local WhatsApp Cloud API with a phone to write from. Source: Meta's Cloud API documentation."""
