"""From a problem statement to monitored production, with evidence.

Names are loaded when they are first used, so that `import roadworthy` costs next to nothing.
"""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_PLACES: dict[str, str] = {
    "Finding": "roadworthy.kernel.finding",
    "Severity": "roadworthy.kernel.finding",
    "Verdict": "roadworthy.kernel.limits",
    "Interval": "roadworthy.kernel.limits",
    "Limit": "roadworthy.kernel.limits",
    "Measured": "roadworthy.kernel.records",
    "RoadworthyError": "roadworthy.kernel.errors",
    "Declaration": "roadworthy.declare.declaration",
    "Model": "roadworthy.bundle.model",
    "read_declaration": "roadworthy.declare.reading",
    "open_project": "roadworthy.wiring.assembly",
    "run": "roadworthy.lifecycle.run",
    "watch": "roadworthy.lifecycle.watch",
    "release": "roadworthy.lifecycle.release",
    "rollback": "roadworthy.lifecycle.release",
}

__all__ = ["__version__", *_PLACES]  # noqa: PLE0604  # the names are the keys of the readable list above


def __getattr__(name: str) -> Any:
    """Load a public name from its home."""
    if name not in _PLACES:
        raise AttributeError(f"module 'roadworthy' has no attribute {name!r}")
    return getattr(import_module(_PLACES[name]), name)
