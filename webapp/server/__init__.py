"""The process that serves, in rooms: from a socket to the application, and what belongs to no feature."""
