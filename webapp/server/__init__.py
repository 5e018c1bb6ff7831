"""The process that serves: from a socket to the application, and what belongs to no feature."""
