"""Readers that need a package which not everybody installs."""

from typing import Any

from roadworthy.kernel.catalogue import resolve
from roadworthy.kernel.errors import SourceError


def from_extra(place: str, *, extra: str = "", package: str = "") -> Any:
    """What `package.module:attribute` names.

    Args:
        place: in a module that imports the package at its top.
        extra: the extra of this distribution that brings the package.
        package: the package itself, where no extra brings it: users decide on its licence.

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
        wanted = f'"roadworthy[{extra}]"' if extra else package
        raise SourceError(f"{err.name} is not installed", where="[[data.source]]", fix=f"pip install {wanted}") from err
