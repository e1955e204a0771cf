"""Where the demo's mail comes from: a real corpus in the order of its receipt, or a simulated provider."""

from importlib import resources
from pathlib import Path

from msgspec import Struct, field

from roadworthy.bundle.mail import parse_mail
from roadworthy.data.simulated.provider import simulate
from roadworthy.data.simulated.unwanted import NEW_TACTIC_MONTH
from roadworthy.data.source import RawMail, SourceContext
from roadworthy.data.sources.mail import mail
from roadworthy.declare.data import Data, Source
from roadworthy.kernel.ports import Silent

_SEED = 7
_HISTORY_SHARE = 0.7
_HISTORY_MONTHS = 8
_REPORT_DELAY = 2 * 86400.0
_OLDEST, _NEWEST = 1_000_000_000.0, 1_041_379_200.0


class Post(Struct, frozen=True, kw_only=True):
    """One mail of the provider.

    Attributes:
        label: what its users said (in a folder or by a report); truth: what it is, which only a reviewer finds out.
        at, reported_at: Unix seconds; None where nobody said anything.
    """

    raw: bytes
    label: str
    truth: str
    at: float
    reported_at: float | None


class Provider(Struct, frozen=True, kw_only=True):
    """Mail to learn from, mail that is still to come, whose it is in words, and what happens when (Unix seconds)."""

    words: str
    consent: str
    history: list[Post]
    future: list[Post]
    events: list[tuple[float, str]] = field(default_factory=list)

    @property
    def declaration(self) -> str:
        """The text of the demo's `roadworthy.toml`."""
        text = resources.files("roadworthy.lifecycle").joinpath("demo.toml").read_text("utf-8")
        return text.replace("@CONSENT@", self.consent)


def simulated(seed: int = _SEED) -> Provider:
    """Twelve months of a company that does not exist; a new tactic begins in the tenth."""
    posts = [
        Post(raw=made.raw, label=made.label, truth=made.truth, at=made.received, reported_at=made.reported_at)
        for made in simulate(seed)
    ]
    cut = _begin(seed, _HISTORY_MONTHS + 1)
    return Provider(
        words="a simulated mail provider: a company that does not exist, twelve months of its mail; no real data",
        consent="made by a simulator",
        history=[post for post in posts if post.at < cut],
        future=[post for post in posts if post.at >= cut],
        events=[(_begin(seed, NEW_TACTIC_MONTH), "spammers turn to a new tactic; nobody tells the model")],
    )


def _begin(seed: int, month: int) -> float:
    """When the first mail of a month came in."""
    return min(made.received for made in simulate(seed, first_month=month, last_month=month))


def from_corpus(archive: Path) -> Provider:
    """The SpamAssassin corpus by time of receipt. It holds no reports, so each label returns two days later."""
    declared = Source(kind="mail", path=str(archive))
    context = SourceContext(root=archive.parent, target="label", data=Data(sources=(declared,)), progress=Silent())
    posts = [_post(given) for given in mail(declared, context=context) if isinstance(given, RawMail)]
    dated = sorted((post for post in posts if _OLDEST <= post.at < _NEWEST), key=lambda post: post.at)
    cut = int(_HISTORY_SHARE * len(dated))
    return Provider(
        words=f"the SpamAssassin corpus: {len(dated):,} real mails as they came in; only the reports are simulated",
        consent="public corpus, given for research on spam filters",
        history=dated[:cut],
        future=dated[cut:],
    )


def _post(given: RawMail) -> Post:
    label = "spam" if given.member.split("/")[-2].startswith("spam") else "ham"
    at = parse_mail(given.raw).time or 0.0
    return Post(raw=given.raw, label=label, truth=label, at=at, reported_at=at + _REPORT_DELAY)
