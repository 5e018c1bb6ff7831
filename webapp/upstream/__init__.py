"""The site's one way to a gateway: fixed documents, one deadline, a checked reply."""
