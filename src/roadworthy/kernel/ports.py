"""What a room may ask of the world outside it. Fakes of these stand beside the tests."""

from collections.abc import Sequence
from typing import Any, Protocol

from roadworthy.kernel.records import Event, Step


class Progress(Protocol):
    """Somebody who is told how far long work has come."""

    def begin(self, task: str, total: int | None = None) -> None:
        """A task begins; `total` is its number of steps, None if unknown."""

    def advance(self, steps: int = 1, note: str = "") -> None:
        """Some steps of the current task are done."""

    def end(self) -> None:
        """The current task is over."""


class Silent:
    """A `Progress` that tells nobody."""

    def begin(self, task: str, total: int | None = None) -> None:
        """Nothing to show."""

    def advance(self, steps: int = 1, note: str = "") -> None:
        """Nothing to show."""

    def end(self) -> None:
        """Nothing to show."""


class Ledger(Protocol):
    """What happened, in order, and what the pointers point at. Every call is durable when it returns."""

    def step(self, fingerprint: str) -> Step | None:
        """The finished step of that fingerprint, if there is one."""

    def finish(self, step: Step, *, run: str) -> None:
        """Record a finished step; recording it again changes nothing."""

    def steps(self, *, run: str | None = None) -> Sequence[Step]:
        """Finished steps, oldest first."""

    def append(self, event: Event) -> int:
        """Record an event and return its number."""

    def events(
        self, *, kind: str | None = None, subject: str | None = None, last: int | None = None
    ) -> Sequence[Event]:
        """Events, oldest first; `kind` also matches its sub-kinds (`run` matches `run.begun`)."""

    def keep(self, kind: str, key: str, body: dict[str, Any]) -> None:
        """Store or replace a document (a review item, a window, an incident)."""

    def read(self, kind: str, key: str) -> dict[str, Any] | None:
        """The document of that key."""

    def every(self, kind: str) -> Sequence[tuple[str, dict[str, Any]]]:
        """All documents of a kind, oldest first."""

    def point(self, name: str, target: str, *, reason: str) -> None:
        """Move a pointer (`live/spam-filter`); the old positions stay in its history."""

    def pointer(self, name: str) -> str | None:
        """What a pointer points at."""

    def history(self, name: str) -> Sequence[Event]:
        """All moves of a pointer, oldest first."""

    def head(self) -> str:
        """The hash of the newest event; a certificate keeps it, so that the ledger can be held to it."""

    def verify(self, *, heads: Sequence[str] = ()) -> int:
        """The number of events, if none was edited, removed or put in, and all these heads are still there.

        Raises:
            LedgerError: if the history was edited.
        """

    def close(self) -> None:
        """Give the connection back."""
