from hypothesis import settings

# A busy machine is no fault of the code: what is slow is found by pytest's own time limit.
settings.register_profile("no deadline", deadline=None)
settings.load_profile("no deadline")
