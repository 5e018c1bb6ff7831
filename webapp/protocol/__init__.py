"""The rules of the CyberConnect v2 wire contract: bytes in, values out, no I/O and no clock.

Whatever cannot be read as what a parser is for raises a `ProtocolError`, which names the field and what was
expected. Times are in milliseconds since the Unix epoch.
"""
