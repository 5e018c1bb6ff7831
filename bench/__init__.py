"""`make bench`: what Countersign does in a second, beside this machine's limits, measured in the same run."""
