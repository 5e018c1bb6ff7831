"""What is told of requests: an id and a line for each, counted and written down behind their backs."""
