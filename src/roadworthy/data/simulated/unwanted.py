"""Spam: campaigns that come and go, and from month ten on mail that looks like work."""

from dataclasses import dataclass
from random import Random

from roadworthy.data.simulated.calendar import DAY, Calendar
from roadworthy.data.simulated.draft import Draft
from roadworthy.data.simulated.grammar import Grammar, Values
from roadworthy.data.simulated.wanted import MACHINES, PROGRAMS, link, newsletter, signature
from roadworthy.data.simulated.world import HOME, Firm, Person, World, domain, stranger, word
from roadworthy.data.simulated.writing import make_id

NEW_TACTIC = "compromise"
NEW_TACTIC_MONTH = 10
_NEW_SHARE = 0.40
_LOOKALIKE = {"a": "\u0430", "e": "\u0435", "o": "\u043e", "p": "\u0440", "c": "\u0441", "i": "\u0456"}
_DIGIT = {"a": "4", "e": "3", "i": "1", "o": "0", "s": "5", "l": "1"}


@dataclass(frozen=True)
class Campaign:
    """A kind of spam, the months in which it runs, and its weight in the first and last of them."""

    name: str
    first: int
    last: int
    begin: float
    end: float

    def weight(self, month: int) -> float:
        """How much of the month's spam it is, beside the others."""
        if not self.first <= month <= self.last:
            return 0.0
        done = (month - self.first) / max(1, self.last - self.first)
        return self.begin + (self.end - self.begin) * done


CAMPAIGNS = (
    Campaign("pharma", 1, 12, 6, 2),
    Campaign("lottery", 1, 9, 4, 2),
    Campaign("phishing", 1, 12, 4, 5),
    Campaign("seo", 1, 12, 3, 3),
    Campaign("crypto", 2, 12, 1, 5),
    Campaign("dating", 1, 8, 3, 2),
    Campaign("replica", 1, 6, 3, 1),
    Campaign("loan", 1, 12, 3, 2),
    Campaign("parcel", 3, 12, 1, 4),
    Campaign("job", 2, 11, 1, 3),
    Campaign("malware", 1, 12, 1, 2),
    Campaign("survey", 6, 12, 1, 3),
    Campaign("newsletter", 1, 12, 1.6, 1.6),
)


class Unwanted:
    """Writes one month of spam."""

    def __init__(self, world: World, grammar: Grammar, calendar: Calendar, random: Random) -> None:
        self._world, self._grammar, self._calendar, self._random = world, grammar, calendar, random
        self._hosts = {campaign.name: [domain(random) for _ in range(5)] for campaign in CAMPAIGNS}

    def write(self, count: int) -> list[Draft]:
        """That many drafts, by the campaigns of the month."""
        month, random = self._calendar.month, self._random
        weights = [campaign.weight(month) for campaign in CAMPAIGNS]
        found = []
        for _ in range(count):
            if month >= NEW_TACTIC_MONTH and random.random() < _NEW_SHARE:
                found.append(self._compromise())
            else:
                found.append(self._campaign(random.choices(CAMPAIGNS, weights=weights)[0].name))
        return found

    def _campaign(self, name: str) -> Draft:
        random = self._random
        if name == "newsletter":
            brand = word(random)
            firm = Firm(brand.capitalize(), brand + random.choice((".example", ".test")))
            return newsletter(firm, "spam", self._world, self._grammar, self._calendar, random)
        host = random.choice(self._hosts[name]) if random.random() < 0.6 else domain(random)
        sender, to = self._sender(host), random.choice(self._world.staff)
        values = self._values(to, host)
        rule = "account" if name == "phishing" and random.random() < 0.3 else name
        body = self._grammar.text(f"{rule}_body", random, values, disguise=self._disguise)
        received = self._calendar.any(random)
        late = random.uniform(1, 9) * DAY * random.choice((-1, 1)) if random.random() < 0.15 else 0.0
        return Draft(
            kind=name,
            truth="spam",
            sender=sender,
            to=(to, *random.sample(self._world.staff, random.choice((0, 0, 0, 2)))),
            subject=self._grammar.text(f"{rule}_subject", random, values, disguise=self._disguise),
            body=self._addressed(body, to),
            sent=received - random.uniform(1, 900) + late,
            received=received,
            references=(make_id(random, HOME),) if random.random() < 0.12 else (),
            reply_to=stranger(random, self._grammar).address if random.random() < 0.2 else "",
            html=random.random() < 0.6,
            plain=random.random() < 0.55,
            false_links=name in ("phishing", "parcel") and random.random() < 0.5,
            hidden=self._grammar.text("filler", random, values) if random.random() < 0.25 else "",
            attachments=self._attached(name),
            mailer=random.choice((*MACHINES, *PROGRAMS)),
            headers=signature(random, sender.domain, 0.45),
            relay=domain(random) if random.random() < 0.5 else "",
        )

    def _compromise(self) -> Draft:
        """Somebody who pretends to be a partner or a colleague, in working hours, with few words out of place."""
        random, to = self._random, self._random.choice(self._world.staff)
        sender = self._pretender()
        values = self._values(to, sender.domain)
        received = self._calendar.working(random)
        body = self._addressed(self._grammar.text("compromise_body", random, values, disguise=self._disguise), to)
        subject = self._grammar.text("compromise_subject", random, values, disguise=self._disguise)
        known = make_id(random, HOME)
        return Draft(
            kind=NEW_TACTIC,
            truth="spam",
            sender=sender,
            to=(to,),
            subject=subject,
            body=f"{body}\n\n{self._grammar.text('bye', random, {})}\n{sender.name.split()[0]}",
            sent=received - random.uniform(1, 90),
            received=received,
            references=(known,) if subject.startswith("Re: ") and random.random() < 0.7 else (),
            html=random.random() < 0.3,
            attachments=(f"invoice_{random.randrange(100, 999)}.pdf",) if random.random() < 0.3 else (),
            mailer=random.choice(PROGRAMS),
            headers=signature(random, sender.domain, 0.7),
        )

    def _pretender(self) -> Person:
        """A known name at a domain that looks like the right one, or at one that was broken into."""
        random = self._random
        known = random.choice((*self._world.partners, *self._world.staff))
        name, _, end = known.domain.rpartition(".")
        looks = (f"{name}-accounts.{end}", f"{name}-group.{end}", f"{name.replace('l', '1')}.{end}", f"{name}s.{end}")
        if random.random() < 0.2 and known.domain != HOME:
            return known
        return Person(known.name, f"{known.address.partition('@')[0]}@{random.choice(looks)}")

    def _sender(self, host: str) -> Person:
        random = self._random
        person = stranger(random, self._grammar)
        if random.random() < 0.45:
            return person
        shown = random.choice((word(random).capitalize(), "Support", "Service Team", person.name, "Customer Care"))
        return Person(shown, f"{random.choice(('info', 'noreply', 'service', 'news', word(random)))}@{host}")

    def _values(self, to: Person, host: str) -> Values:
        random = self._random
        brands = [*self._world.services, *self._world.shops, *self._world.papers]
        return {"to": to.name, "brand": lambda: random.choice(brands).name, "link": lambda: link(random, host)}

    def _addressed(self, body: str, to: Person) -> str:
        random = self._random
        if random.random() < 0.35:
            body = self._grammar.text("hello", random, {"to": to.name}) + f",\n\n{body}"
        return (
            body + "\n\n" + self._grammar.text("filler", random, self._values(to, HOME))
            if random.random() < 0.2
            else body
        )

    def _attached(self, name: str) -> tuple[str, ...]:
        random = self._random
        if name != "malware":
            return ()
        file, end = random.choice(("scan", "invoice", "document")), random.choice(("zip", "docm", "pdf"))
        return (f"{file}_{random.randrange(100, 999)}.{end}",)

    def _disguise(self, mark: str, plain: str, random: Random) -> str:
        """Spellers' tricks, more of them as the year goes on; the new tactic uses letters that look alike."""
        share = 0.6 if mark == "?" else 0.03 * self._calendar.month
        if random.random() >= share:
            return plain
        tricks = (_alike, _invisible) if mark == "?" else (_digits, _dotted, _doubled, _alike)
        return random.choice(tricks)(plain, random)


def _digits(plain: str, random: Random) -> str:
    return "".join(_DIGIT.get(letter, letter) if random.random() < 0.6 else letter for letter in plain)


def _dotted(plain: str, random: Random) -> str:
    return random.choice(".-_ ").join(plain)


def _doubled(plain: str, random: Random) -> str:
    place = random.randrange(len(plain))
    return plain[:place] + plain[place] + plain[place:]


def _alike(plain: str, random: Random) -> str:
    return "".join(_LOOKALIKE.get(letter, letter) if random.random() < 0.7 else letter for letter in plain)


def _invisible(plain: str, random: Random) -> str:
    place = random.randrange(1, len(plain))
    return f"{plain[:place]}\u200b{plain[place:]}"
