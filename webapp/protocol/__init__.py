"""The rules of the CyberConnect v2 wire contract: bytes in, values out, no I/O and no clock."""
