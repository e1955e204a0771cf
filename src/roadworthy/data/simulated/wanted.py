"""Mail that people want: work, lists, notices, receipts, newsletters, friends."""

from collections.abc import Callable
from dataclasses import replace
from random import Random

from roadworthy.data.simulated.calendar import DAY, Calendar
from roadworthy.data.simulated.draft import Draft
from roadworthy.data.simulated.grammar import Grammar, Values
from roadworthy.data.simulated.world import HOME, Firm, Person, World, stranger, word
from roadworthy.data.simulated.writing import make_id, token

PROGRAMS = ("Postbote 4.2", "Inkwell Mail 11", "Webpost 2.1", "Courier Pro 7", "", "", "")
MACHINES = ("Mailworks 3", "Bulkpost 5.1", "", "", "", "")
_SHARES = {"work": 42, "personal": 11, "list": 9, "notice": 12, "receipt": 10, "newsletter": 16}


class Wanted:
    """Writes one month of wanted mail."""

    def __init__(self, world: World, grammar: Grammar, calendar: Calendar, random: Random) -> None:
        self._world, self._grammar, self._calendar, self._random = world, grammar, calendar, random
        self._writers: dict[str, Callable[[], list[Draft]]] = {
            "work": self._work,
            "personal": self._personal,
            "list": self._list,
            "notice": self._notice,
            "receipt": self._receipt,
            "newsletter": self._newsletter,
        }

    def write(self, count: int) -> list[Draft]:
        """That many drafts; threads that would go on into the next month end with this one."""
        found: list[Draft] = []
        while len(found) < count:
            kind = self._random.choices(list(_SHARES), weights=list(_SHARES.values()))[0]
            found += [one for one in self._writers[kind]() if one.received < self._calendar.end]
        return found[:count]

    def _say(self, rule: str, to: Person, domain: str, brand: str = "") -> str:
        """A text with its links on the sender's own hosts."""
        values: Values = {"to": to.name, "brand": brand, "link": lambda: link(self._random, domain)}
        return self._grammar.text(rule, self._random, values)

    def _work(self) -> list[Draft]:
        """A thread of colleagues, sometimes with a partner, sometimes with a new customer."""
        random, world = self._random, self._world
        people = random.sample(world.staff, random.choice((2, 2, 2, 3, 4)))
        if random.random() < 0.5:
            people.insert(random.randrange(2), random.choice(world.partners))
        if random.random() < 0.12:
            people.insert(0, stranger(random, self._grammar))
        if not any(one.domain == HOME for one in people[1:]):
            people.append(random.choice(world.staff))
        first = self._letter("work", people[0], tuple(people[1:]), self._calendar.working(random))
        mailer = {one.address: random.choice(PROGRAMS) for one in people}
        thread = [replace(first, mailer=mailer[people[0].address], attachments=self._papers(0.14))]
        while len(thread) < 7 and random.random() < 0.56:
            thread.append(self._reply(thread, people, mailer))
        return [one for one in thread if any(to.domain == HOME for to in one.to)]

    def _reply(self, thread: list[Draft], people: list[Person], mailer: dict[str, str]) -> Draft:
        random, last = self._random, thread[-1]
        writer = random.choice([one for one in people if one != last.sender])
        others = tuple(one for one in people if one != writer)
        answer = self._signed("reply_body", writer, last.sender)
        quoted = "\n".join(f"> {line}" for line in last.body.split("\n")[:25]) if random.random() < 0.7 else ""
        body = f"{answer}\n\n{last.sender.name} wrote:\n{quoted}" if quoted else answer
        received = last.received + random.lognormvariate(9.0, 1.3)
        return replace(
            last,
            sender=writer,
            to=others,
            subject=last.subject if last.subject.startswith("Re: ") else f"Re: {last.subject}",
            body=body,
            sent=received - random.uniform(1, 60),
            received=received,
            message_id=make_id(random, writer.domain),
            references=(*last.references, last.message_id)[-6:],
            mailer=mailer[writer.address],
            attachments=self._papers(0.06),
        )

    def _letter(self, kind: str, sender: Person, to: tuple[Person, ...], received: float) -> Draft:
        random = self._random
        return Draft(
            kind=kind,
            truth="ham",
            sender=sender,
            to=to,
            subject=self._say(f"{kind}_subject", to[0], sender.domain),
            body=self._signed(f"{kind}_body", sender, to[0]),
            sent=received - random.uniform(1, 90) - (random.uniform(1, 3) * DAY if random.random() < 0.01 else 0.0),
            received=received,
            message_id=make_id(random, sender.domain),
            reply_to=random.choice(self._world.friends).address if kind == "personal" and random.random() < 0.1 else "",
            html=random.random() < 0.3,
            mailer=random.choice(PROGRAMS),
            headers=self._signature(sender.domain, 0.7),
        )

    def _signed(self, rule: str, sender: Person, to: Person) -> str:
        random = self._random
        greeting = (
            self._grammar.text("hello", random, {"to": to.name.split()[0]}) + ",\n\n" if random.random() < 0.7 else ""
        )
        bye = self._grammar.text("bye", random, {}) + "\n" if random.random() < 0.7 else ""
        foot = (
            f"\n-- \n{sender.name}, {sender.domain}, phone 555-{random.randrange(1000, 9999)}"
            if random.random() < 0.3
            else ""
        )
        return f"{greeting}{self._say(rule, to, sender.domain)}\n\n{bye}{sender.name.split()[0]}{foot}"

    def _personal(self) -> list[Draft]:
        random, world = self._random, self._world
        sender = stranger(random, self._grammar) if random.random() < 0.15 else random.choice(world.friends)
        draft = self._letter("personal", sender, (random.choice(world.staff),), self._calendar.any(random))
        return [replace(draft, attachments=("photo.jpg",) if random.random() < 0.12 else ())]

    def _list(self) -> list[Draft]:
        """A few posts of one thread on a mailing list."""
        random, name = self._random, self._random.choice(self._world.lists)
        host = "lists.openbench.example"
        address = Person(name, f"{name}@{host}")
        subject = f"[{name}] " + self._say("list_subject", address, host)
        headers = (
            ("List-Id", f"<{name}.{host}>"),
            ("List-Unsubscribe", f"<https://{host}/{name}/leave>"),
            ("Precedence", "list"),
        )
        received, posts = self._calendar.any(random), []
        for place in range(random.choice((1, 1, 2, 3))):
            writer = random.choice(self._world.subscribers)
            body = (
                self._signed("list_line", writer, address)
                + f"\n\n_______________\n{name} mailing list\nhttps://{host}/{name}"
            )
            shown = subject if place == 0 else f"Re: {subject}"
            posts.append(self._sent("list", writer, body, shown, received, headers))
            received += random.lognormvariate(8.8, 1.0)
        return [replace(post, to=(address,), relay=host) for post in posts]

    def _notice(self) -> list[Draft]:
        rule = self._random.choice(("notice", "notice", "account"))
        return [replace(self._machine("notice", rule, self._world.services), html=self._random.random() < 0.5)]

    def _receipt(self) -> list[Draft]:
        draft = self._machine("receipt", "receipt", self._world.shops)
        return [replace(draft, html=self._random.random() < 0.6, attachments=self._papers(0.2))]

    def _machine(self, kind: str, rule: str, firms: tuple[Firm, ...]) -> Draft:
        """A mail that a program of a known firm writes to one of the staff."""
        random, firm, to = self._random, self._firm(firms), self._random.choice(self._world.staff)
        local = random.choice(("noreply", "notify", "service") if kind == "notice" else ("orders", "billing", "shop"))
        body = self._say(f"{rule}_body", to, firm.domain, firm.name)
        subject = self._say(f"{rule}_subject", to, firm.domain, firm.name)
        sender = Person(firm.name, f"{local}@{firm.domain}")
        return replace(self._sent(kind, sender, body, subject, self._calendar.any(random), ()), to=(to,))

    def _newsletter(self) -> list[Draft]:
        return [
            newsletter(self._firm(self._world.papers), "ham", self._world, self._grammar, self._calendar, self._random)
        ]

    def _sent(
        self, kind: str, sender: Person, body: str, subject: str, received: float, headers: tuple[tuple[str, str], ...]
    ) -> Draft:
        random = self._random
        return Draft(
            kind=kind,
            truth="ham",
            sender=sender,
            to=(),
            subject=subject,
            body=body,
            sent=received - random.uniform(1, 300) - (random.uniform(1, 3) * DAY if random.random() < 0.02 else 0.0),
            received=received,
            reply_to=f"help@{sender.domain}" if kind != "list" and random.random() < 0.15 else "",
            mailer=random.choice(MACHINES if kind != "list" else PROGRAMS),
            headers=headers + self._signature(sender.domain, 0.75),
        )

    def _firm(self, firms: tuple[Firm, ...]) -> Firm:
        return self._random.choice([one for one in firms if one.first_month <= self._calendar.month])

    def _papers(self, share: float) -> tuple[str, ...]:
        random = self._random
        if random.random() >= share:
            return ()
        name = random.choice(("report", "offer", "invoice", "scan", "drawing", "figures"))
        return (f"{name}_{random.randrange(100, 999)}.{random.choice(('pdf', 'pdf', 'xlsx', 'png', 'csv'))}",)

    def _signature(self, domain: str, share: float) -> tuple[tuple[str, str], ...]:
        return signature(self._random, domain, share)


def newsletter(firm: Firm, truth: str, world: World, grammar: Grammar, calendar: Calendar, random: Random) -> Draft:
    """A newsletter. Wanted or not, it reads the same: whether somebody asked for it is not written in it."""
    to = random.choice(world.staff)
    values: Values = {"to": to.name, "brand": firm.name, "link": lambda: link(random, firm.domain)}
    foot = grammar.text("footer", random, values)
    received = calendar.any(random)
    leave = ("List-Unsubscribe", f"<https://{firm.domain}/leave/{token(random, 6)}>")
    return Draft(
        kind="newsletter",
        truth=truth,
        sender=Person(firm.name, f"{random.choice(('news', 'hello', 'info', 'mail'))}@{firm.domain}"),
        to=(to,),
        subject=grammar.text("news_subject", random, values),
        body=grammar.text("news_body", random, values) + f"\n\n{foot}",
        sent=received - random.uniform(1, 600),
        received=received,
        html=random.random() < 0.85,
        plain=random.random() < 0.6,
        reply_to=f"contact@{firm.domain}" if random.random() < 0.25 else "",
        mailer=random.choice(MACHINES),
        headers=((leave,) if random.random() < 0.7 else ()) + signature(random, firm.domain, 0.7),
    )


def link(random: Random, domain: str) -> str:
    """An address on one of the domain's hosts."""
    host = random.choice(("", "www.", "go.", "my.", "click."))
    return f"https://{host}{domain}/{word(random)}/{token(random, random.choice((4, 6, 8)))}"


def signature(random: Random, domain: str, share: float) -> tuple[tuple[str, str], ...]:
    """A DKIM signature, on some mail."""
    if random.random() >= share:
        return ()
    return (("DKIM-Signature", f"v=1; a=rsa-sha256; d={domain}; s=s1;\n\tb={token(random, 32)}"),)
