"""Settings of every test."""

from hypothesis import HealthCheck, settings

# Nested values are slow to draw, and anything is slow to run, on a busy machine: how long that takes says nothing of
# what is tested.
settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")
