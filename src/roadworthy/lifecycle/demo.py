"""The demo: a mailbox lived through week by week, from the first model to its successor.

Mail up to a day is laid out as a project that anybody can look at and run again; the rest arrives at the real server.
"""

import http.client
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from roadworthy.bundle.keys import trusted_keys
from roadworthy.kernel.errors import ServingError
from roadworthy.kernel.files import write_atomically
from roadworthy.lifecycle.child_server import Served, following
from roadworthy.lifecycle.posts import Post, Provider
from roadworthy.lifecycle.project import Project
from roadworthy.lifecycle.watch import Watched, watch

WEEK = 7 * 86400.0
_FOLLOW_SECONDS = 20.0


class Week(Struct, frozen=True, kw_only=True):
    """One week of the replay.

    Attributes:
        errors: wrong decisions by the truth that nobody in the loop can see, as a share of `mails`.
        missed, blocked: spam let through, wanted mail blocked. version: the model that answered last.
        reported, reviewed: labels that users sent, and that reviewers gave.
        watched: the look at the end of the week.
    """

    start: float
    mails: int
    errors: float
    missed: int
    blocked: int
    version: str
    reported: int
    reviewed: int
    watched: Watched


def lay_out(folder: Path, provider: Provider) -> None:
    """Write the history as files under `mail/<month>/<label>/` and the declaration; what is there already is kept."""
    for number, post in enumerate(provider.history):
        month = datetime.fromtimestamp(post.at, UTC).strftime("%Y-%m")
        place = folder / "mail" / month / post.label / f"{number:05}.eml"
        if not place.exists():
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(post.raw)
    write_atomically(folder / "roadworthy.toml", provider.declaration.encode())


def replay(project: Project, posts: Sequence[Post], *, shown: Callable[[Week], None]) -> list[Week]:
    """Send mails to the server at their own time, week by week; watch at the end of each week, and act.

    Users report late or never; the review queue is answered with the truth, as people would who open the mail.
    """
    clock = get_context("spawn").Value("d", posts[0].at, lock=False)
    trusted = trusted_keys(project.keys.trusted)
    weeks: list[Week] = []
    with following(project.live, project.logs, trusted=trusted, keep_inputs=True, clock=clock) as served:
        sender = _Sender(served, project, clock)
        for start, batch in _weeks(posts):
            week = sender.week(start, batch)
            weeks.append(week)
            shown(week)
    return weeks


def _weeks(posts: Sequence[Post]) -> Iterator[tuple[float, list[Post]]]:
    ordered = sorted(posts, key=lambda post: post.at)
    start = ordered[0].at
    batch: list[Post] = []
    for post in ordered:
        while post.at >= start + WEEK:
            if batch:
                yield start, batch
            start, batch = start + WEEK, []
        batch.append(post)
    if batch:
        yield start, batch


class _Sender:
    """The mail server and its users: asks, reports, reviews."""

    def __init__(self, served: Served, project: Project, clock: Any) -> None:
        self._project, self._clock = project, clock
        self._wire = http.client.HTTPConnection(served.host, served.port, timeout=30)
        self._unreported: list[tuple[float, str, str]] = []
        self._truth: dict[str, str] = {}
        self._positive = project.declaration.problem.positive

    def week(self, start: float, batch: Sequence[Post]) -> Week:
        """One week: mail in, reports out, a look, the reviews that it asks for."""
        missed = blocked = 0
        version = ""
        for post in batch:
            self._clock.value = post.at
            said = self._ask("/v2/models/" + self._project.name + "/mail", post.raw, "message/rfc822")
            version = said["version"]
            self._truth[said["id"]] = post.truth
            missed += post.truth == self._positive and said["label"] != self._positive
            blocked += post.truth != self._positive and said["label"] == self._positive
            if post.reported_at is not None:
                self._unreported.append((post.reported_at, said["id"], post.label))
        end = self._clock.value = start + WEEK
        reported = self._report(end)
        watched = watch(self._project, now=end)
        self._wire.close()  # a retraining may outlast an idle connection; the next call opens a new one
        reviewed = self._review(watched)
        if watched.retrained and watched.retrained.released:
            self._await(watched.retrained.model)
        return Week(
            start=start,
            mails=len(batch),
            errors=(missed + blocked) / len(batch),
            missed=missed,
            blocked=blocked,
            version=version,
            reported=reported,
            reviewed=reviewed,
            watched=watched,
        )

    def _report(self, now: float) -> int:
        due = [said for said in self._unreported if said[0] <= now]
        self._unreported = [said for said in self._unreported if said[0] > now]
        self._tell([{"id": name, "label": label, "source": "user report"} for _, name, label in due])
        return len(due)

    def _review(self, watched: Watched) -> int:
        """Reviewers open what was put before them, and what they find goes back as labels."""
        items = [item for item in watched.reviews if item.id in self._truth]
        self._tell([{"id": item.id, "label": self._truth[item.id], "source": "review"} for item in items])
        for item in items:
            kept = self._project.ledger.read("review", item.id) or {}
            done = {**kept, "state": "done", "verdict": self._truth[item.id]}
            self._project.ledger.keep("review", item.id, done)
        return len(items)

    def _tell(self, labels: list[dict[str, str]]) -> None:
        for begin in range(0, len(labels), 200):
            self._ask("/feedback", msgspec.json.encode(labels[begin : begin + 200]), "application/json")

    def _await(self, version: str) -> None:
        """Wait until the server follows a release."""
        begun = time.monotonic()
        while time.monotonic() - begun < _FOLLOW_SECONDS:
            self._wire.request("GET", f"/v2/models/{self._project.name}")
            if version in msgspec.json.decode(self._wire.getresponse().read()).get("versions", []):
                return
            time.sleep(0.05)
        raise ServingError("the server did not follow the release", where=version, fix="look at its health page")

    def _ask(self, path: str, body: bytes, kind: str) -> dict[str, Any]:
        try:
            self._wire.request("POST", path, body, {"content-type": kind})
            reply = self._wire.getresponse()
            text = reply.read()
        except (OSError, http.client.HTTPException) as err:
            raise ServingError(f"the server does not answer: {err}", where=path, fix="look at its log") from err
        if reply.status >= 400:
            raise ServingError(f"the server answered {reply.status}: {text[:200]!r}", where=path, fix="look at its log")
        answer: dict[str, Any] = msgspec.json.decode(text)
        return answer
