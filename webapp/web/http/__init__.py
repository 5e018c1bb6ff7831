"""Requests in, replies out: hosts, bodies, headers, problems, and how much each network may have."""
