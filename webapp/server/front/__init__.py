"""From the socket to a call: who is let in, heads and bodies, whose turn it is, and who holds connections."""
