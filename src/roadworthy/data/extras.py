"""Readers that need a package which not everybody installs."""

from typing import Any

from roadworthy.kernel.catalogue import resolve
from roadworthy.kernel.errors import SourceError


def from_extra(place: str, *, extra: str) -> Any:
    """What `package.module:attribute` names.

    Args:
        place: in a module that imports the package at its top.
        extra: the extra of this distribution that brings the package.

    Raises:
        SourceError: if the package is not installed; it says how to get it.

    >>> from_extra("roadworthy.no.such:thing", extra="images")
    Traceback (most recent call last):
    ...
    roadworthy.kernel.errors.SourceError: roadworthy.no is not installed
      where: [[data.source]]
      fix:   pip install "roadworthy[images]"
    """
    try:
        return resolve(place)
    except ModuleNotFoundError as err:
        raise SourceError(
            f"{err.name} is not installed", where="[[data.source]]", fix=f'pip install "roadworthy[{extra}]"'
        ) from err
