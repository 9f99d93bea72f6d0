"""ReproSchema's package asks a host for its newest release when it is imported, unless it is told not to."""

from __future__ import annotations

import os

os.environ["NO_ET"] = "1"
