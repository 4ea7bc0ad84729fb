"""Settings every test runs with."""

from hypothesis import settings

# A busy machine must not fail a test: nothing here asserts how long something takes.
settings.register_profile("steady", deadline=None)
settings.load_profile("steady")
