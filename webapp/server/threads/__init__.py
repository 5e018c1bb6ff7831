"""One thread for many: calls that take turns on it, and things that it does together, a moment later."""
