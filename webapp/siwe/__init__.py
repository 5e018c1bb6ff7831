"""Sign-In with Ethereum, for the site and for the API alike: what is signed, and whom it signs in."""
