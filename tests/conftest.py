"""What every test may ask for."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# how fast the machine draws examples says nothing of the code
settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The folder of real data sets; the test is skipped loudly where there is none."""
    named = os.environ.get("ROADWORTHY_DATA", "")
    if not named or not Path(named).is_dir():
        pytest.skip(
            "SKIPPED FOR WANT OF DATA: set ROADWORTHY_DATA to the folder that holds spamassassin/, german_credit/ ..."
        )
    return Path(named)
