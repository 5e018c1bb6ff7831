"""The follow button on pages of other sites."""
