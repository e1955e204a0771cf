"""Catalogues of what is built in and plugged in; needs no database."""

from collections.abc import Mapping
from importlib.metadata import entry_points
from typing import Any

from roadworthy.kernel.catalogue import Catalogue


def catalogue(kind: str, built_in: Mapping[str, str]) -> Catalogue[Any]:
    """Built-ins of a kind, and what installed plug-ins add; a plug-in cannot replace a built-in."""
    plugged = {point.name: point.value for point in entry_points(group=f"roadworthy.{kind}")}
    return Catalogue(kind, plugged | dict(built_in))
