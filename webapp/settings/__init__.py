"""What an operator may choose: environment variables, read once at the start and checked together."""
