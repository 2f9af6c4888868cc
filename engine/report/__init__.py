"""What trainers see of their examples: `python -m engine.report` (or `make nlu-report`)."""
