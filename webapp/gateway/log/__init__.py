"""The write path: submissions are read once, verified outside, decided and appended a batch at a time."""
