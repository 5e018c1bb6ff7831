"""GraphQL over HTTP: requests in, responses out, and who may ask how often."""
