"""The monitors' reference, kept in the bundle that it belongs to."""

from pathlib import Path

from roadworthy.kernel.errors import BundleError
from roadworthy.monitoring.reference import Reference, read_reference

REFERENCE = "reference.json"


def reference_of(bundle: Path) -> Reference:
    """What the model of this bundle saw before its release.

    Raises:
        BundleError: if the bundle holds none.
    """
    place = bundle / REFERENCE
    try:
        return read_reference(place.read_bytes())
    except OSError as err:
        raise BundleError(
            "the bundle holds no reference, so its traffic cannot be judged",
            where=str(place),
            fix="restore the bundle, or build it again: roadworthy run",
        ) from err
