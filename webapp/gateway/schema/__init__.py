"""The schema, and what answers a document: parsed, weighed, planned, resolved."""
