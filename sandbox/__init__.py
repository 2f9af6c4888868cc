"""A local WhatsApp and a local Zendesk that keep the real contracts; Parley itself never imports them."""
