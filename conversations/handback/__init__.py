"""Control returns to the bot: what the agent leaves to it, and when that happens by itself."""
