"""The chat API and the chat page: the corridor's door for a website."""
