"""Applications and their keys: made on the site and in a terminal, asked for by the gateway."""
