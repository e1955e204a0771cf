"""A readable list of named things, each loaded when it is first asked for."""

from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from typing import Any, Generic, TypeVar

from roadworthy.kernel.errors import RoadworthyError
from roadworthy.kernel.nearest import did_you_mean

T = TypeVar("T")


class Catalogue(Generic[T]):
    """Names to dotted places (`package.module:attribute`); a place is imported on first use.

    >>> c: Catalogue[Any] = Catalogue("joiner", {"path": "posixpath:join"})
    >>> c["path"]("a", "b")
    'a/b'
    """

    def __init__(self, kind: str, places: Mapping[str, str]) -> None:
        self.kind, self._places = kind, dict(places)
        self._loaded: dict[str, T] = {}

    def __getitem__(self, name: str) -> T:
        """The thing itself.

        Raises:
            RoadworthyError: if there is none of that name; the nearest is offered.
        """
        if name not in self._loaded:
            if name not in self._places:
                raise RoadworthyError(
                    f"there is no {self.kind} {name!r}", where=self.kind, fix=did_you_mean(name, self._places)
                )
            self._loaded[name] = resolve(self._places[name])
        return self._loaded[name]

    def __contains__(self, name: object) -> bool:
        """Whether the name is known; nothing is loaded."""
        return name in self._places

    def __iter__(self) -> Iterator[str]:
        """The names, in the order of the list."""
        return iter(self._places)

    def __len__(self) -> int:
        """How many names there are."""
        return len(self._places)


def resolve(place: str) -> Any:
    """Import `package.module:attribute`; `package.module:Class.method` works too.

    >>> resolve("math:pi") > 3
    True
    """
    module, _, names = place.partition(":")
    found: Any = import_module(module)
    for name in names.split("."):
        found = getattr(found, name)
    return found


Factory = Callable[..., T]
