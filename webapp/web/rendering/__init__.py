"""What templates are written with: theme, times, words; and pages that are written once."""
