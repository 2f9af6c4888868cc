"""What customers were promised: made, kept, broken, withdrawn; tracked in one place (`book`)."""
