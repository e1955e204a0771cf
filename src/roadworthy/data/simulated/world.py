"""Who writes to whom: a small company, its partners, the shops and services it uses. The same for the same seed."""

from dataclasses import dataclass
from random import Random

from roadworthy.data.simulated.grammar import Grammar

HOME = "norwick.example"
_FREE = ("mailbox.test", "quickpost.example", "webmail.test", "freepost.example", "letterbox.test")
_ENDS = (".example", ".test", ".example", ".test", ".invalid")
_SYLLABLES = (
    "bel car dor fen gal har jun kel lum mor nor pol quin ros sil tam ver wes yar zen bri cal del fol gri",
    "a e i o u an en il or al ti ra lo ma ve",
    "ton ford den via tech line mark works soft bank post care shop ware lab net hub point house trade",
)
_PARTS = tuple(tuple(part.split()) for part in _SYLLABLES)


@dataclass(frozen=True)
class Person:
    """A name and an address."""

    name: str
    address: str

    @property
    def domain(self) -> str:
        """What stands behind the @."""
        return self.address.partition("@")[2]


@dataclass(frozen=True)
class Firm:
    """A firm that writes, by people or by machine, from its first month on."""

    name: str
    domain: str
    first_month: int = 1


@dataclass(frozen=True)
class World:
    """Everybody whose mail is wanted."""

    staff: tuple[Person, ...]
    partners: tuple[Person, ...]
    friends: tuple[Person, ...]
    shops: tuple[Firm, ...]
    services: tuple[Firm, ...]
    papers: tuple[Firm, ...]
    lists: tuple[str, ...]
    subscribers: tuple[Person, ...]


def make_world(seed: int, grammar: Grammar) -> World:
    """The world of a seed."""
    random = Random(f"{seed}:world")  # noqa: S311 - a simulation needs no secrets
    given = list(grammar.rules["given"])
    random.shuffle(given)
    staff = tuple(Person(name, f"{name.lower()}@{HOME}") for name in given[:24])
    firms = [domain(random) for _ in range(26)]
    partners = tuple(_person(random, grammar, random.choice(firms)) for _ in range(60))
    return World(
        staff=staff,
        partners=partners,
        friends=tuple(_person(random, grammar, random.choice(_FREE)) for _ in range(40)),
        shops=_firms(random, 18),
        services=_firms(random, 12),
        papers=_firms(random, 34),
        lists=tuple(f"{name}-talk" for name in random.sample(_PARTS[0], 5)),
        subscribers=tuple(_person(random, grammar, random.choice([*_FREE, domain(random)])) for _ in range(50)),
    )


def domain(random: Random) -> str:
    """A domain that nobody can own: it ends in a reserved name.

    >>> domain(Random(1)) == domain(Random(1))  # noqa: S311
    True
    """
    return word(random) + random.choice(_ENDS)


def word(random: Random) -> str:
    """An invented name."""
    return "".join(random.choice(part) for part in _PARTS)


def stranger(random: Random, grammar: Grammar) -> Person:
    """Somebody never heard of, at a provider that everybody uses or at a domain never seen."""
    return _person(random, grammar, random.choice(_FREE) if random.random() < 0.4 else domain(random))


def _person(random: Random, grammar: Grammar, at: str) -> Person:
    name = random.choice(grammar.rules["given"])
    family = word(random)
    form = random.choice(("{0}.{1}", "{0}{2}", "{0}_{1}", "{1}", "{0}"))
    local = form.format(name.lower(), family[:5], random.randrange(10, 99))
    shown = random.choice((name, f"{name} {family.capitalize()}", f"{name} {family[0].upper()}."))
    return Person(shown, f"{local}@{at}")


def _firms(random: Random, count: int) -> tuple[Firm, ...]:
    """Two firms in three were there from the beginning, the others begin to write later."""
    found = []
    for place in range(count):
        name = word(random)
        first = 1 if place % 3 else random.randrange(2, 13)
        found.append(Firm(name.capitalize(), name + random.choice(_ENDS), first))
    return tuple(found)
