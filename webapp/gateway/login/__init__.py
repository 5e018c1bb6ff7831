"""Signing in at the API with a wallet."""
