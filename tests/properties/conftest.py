"""Hypothesis profiles: ``brief`` by default, ``thorough`` with ``--hypothesis-profile=thorough``."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

settings.register_profile("brief", deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("thorough", settings.get_profile("brief"), max_examples=20_000)
if settings.get_current_profile_name() != "thorough":
    settings.load_profile("brief")
