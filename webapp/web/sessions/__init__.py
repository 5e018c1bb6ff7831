"""Who is signed in: the cookie, the rows behind it, its CSRF token, and challenges for wallets."""
