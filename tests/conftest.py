"""What holds for every test: Hypothesis tries the same examples on every machine and every run.

Law: a test that is red is red for everybody, and again tomorrow.
"""

from __future__ import annotations

from hypothesis import HealthCheck, settings

settings.register_profile(
    "steady",
    derandomize=True,
    deadline=None,  # a busy machine is no fault of the code
    max_examples=60,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("steady")
