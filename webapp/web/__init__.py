"""The site: pages, sign-in, sessions, and the proxy between the page and a gateway. One blueprint a file."""
