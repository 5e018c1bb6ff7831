"""What `countersign COMMAND` does, one module a command; `webapp.cli` imports only the one asked for.

Each has `act(options)`, which returns the exit code, and `add_arguments(parser)`, if it takes any.
What cannot be done as asked is a `CommandError`.
"""
