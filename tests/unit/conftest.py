"""How the property tests run: machines are shared and noisy, so nothing is judged by the time it takes."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

settings.register_profile(
    "parley", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.load_profile("parley")
