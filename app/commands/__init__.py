"""What stands behind the `parley` command, a module a topic."""
