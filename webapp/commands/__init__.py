"""What `countersign COMMAND` does, one module a command; `webapp.cli` imports only the one asked for.

Each has `add_arguments(parser)`, which declares what it takes, and `act(options)`, which does it and returns
the process's exit code. What cannot be done as asked is a `CommandError`.
"""
