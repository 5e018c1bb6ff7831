"""Asking Ethereum nodes whether a contract wallet accepts a signature. No transaction is ever sent."""
