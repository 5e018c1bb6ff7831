"""Asking Ethereum nodes whether a contract wallet vouches for a signature. No transaction is ever sent."""
