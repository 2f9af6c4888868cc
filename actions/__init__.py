"""What the bot does when words are not enough: one action per file, named as its topic in `data/`."""
