"""Pages from templates: everything that comes from data or people is escaped."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from roadworthy.documents.words import about, capital, day, finding_class, limit_words, number, verdict_class

_TEMPLATES = Path(__file__).parent / "templates"
_FILTERS: dict[str, Callable[..., Any]] = {
    "about": about,
    "capital": capital,
    "day": day,
    "finding_class": finding_class,
    "number": number,
    "limit": limit_words,
    "verdict_class": verdict_class,
}


def template(name: str) -> Template:
    """A template of this room, with the filters that all pages share."""
    return _environment().get_template(name)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= _FILTERS
    return environment
