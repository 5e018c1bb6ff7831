"""What belongs to whoever is signed in: signing in and out, devices, API keys, and the archive of it all."""
