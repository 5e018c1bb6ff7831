"""The site, in rooms: pages, sign-in, sessions, and the proxy between the page and a gateway."""
