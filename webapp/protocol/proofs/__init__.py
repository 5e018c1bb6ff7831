"""Proofs of operations: read, and verified with nothing but themselves."""
