"""Where one learns by doing: the sandbox with its lesson, the documentation, and programs to try."""
