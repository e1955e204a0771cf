"""Plain facts of a mail as numbers: lengths, capitals, links, attachments, tricks in HTML, headers, words that sell."""

import math
import re
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from roadworthy.bundle.domains import registered_domain
from roadworthy.bundle.encoded import Columns
from roadworthy.bundle.steps.texts import hosts, without_people

VERSION = 1
Row = Mapping[str, Any]


def _in_order(words: str) -> tuple[str, ...]:
    return tuple(words.split())


def _words(words: str) -> frozenset[str]:
    return frozenset(words.split())


_MONEY = re.compile(r"[$£€]\s?\d[\d,.]*|\b\d[\d,.]*\s?(?:dollars|usd|eur)\b", re.IGNORECASE)
_WORD = re.compile(r"[a-z][a-z'-]+")
_OPT_OUT = ("unsubscribe", "remove", "opt-out", "opt out", "opt-in", "opt in")
_UPPER = bytes(range(65, 91))
_LETTERS = _UPPER + bytes(range(97, 123))
_DIGITS = bytes(range(48, 58))
_DANGEROUS = _words("exe pif scr bat com vbs js jar zip rar iso img lnk hta docm xlsm html htm")
_TEXT_LIMIT = 20_000
_DAY = 86_400.0
_TOPICS: dict[str, frozenset[str]] = {
    "offer": _words(
        "free offer offers order buy sale price prices discount save bonus gift win winner prize deal guarantee "
        "guaranteed guarantees trial cheap lowest bargain"
    ),
    "money": _words(
        "money cash dollars income earn credit loan loans mortgage debt rates investment invest profit million "
        "fund funds transfer account bank financial refinance payment insurance"
    ),
    "urgency": _words(
        "now today urgent immediately instant act hurry limited expires deadline final click here visit call"
    ),
    "health": _words(
        "viagra pills pharmacy prescription weight diet loss herbal doctor medical hormone aging enlargement drugs"
    ),
    "intimate": _words("sex sexy adult porn xxx nude hot girls singles dating webcam"),
    "trust": _words(
        "confidential legal secret trust assistance partner dear sir madam beneficiary verify password security "
        "suspended confirm update"
    ),
    "work": _words(
        "wrote thanks patch bug meeting attached file code version server install kernel script regards project build "
        "list question release"
    ),
}

_TOPIC_OF = {word: topic for topic, words in _TOPICS.items() for word in words}


def _held(text: bytes, characters: bytes) -> int:
    return len(text) - len(text.translate(None, characters))


def _length(row: Row) -> dict[str, float]:
    text, subject = row["text"], row["subject"]
    words = text.split()
    return {
        "log_characters": math.log1p(len(text)),
        "log_words": math.log1p(len(words)),
        "subject_characters": len(subject),
        "mean_word": sum(map(len, words)) / max(1, len(words)),
        "distinct_words": len(set(words)) / max(1, len(words)),
        "log_html_characters": math.log1p(row["html_chars"]),
        "html_share": row["html_chars"] / max(1, row["html_chars"] + row["plain_chars"]),
    }


def _style(row: Row) -> dict[str, float]:
    text, subject = row["text"], row["subject"]
    size = max(1, len(text))
    plain = text.encode("ascii", "ignore")
    letters = max(1, _held(plain, _LETTERS))
    title = subject.encode("ascii", "ignore")
    return {
        "capitals": _held(plain, _UPPER) / letters,
        "digits": _held(plain, _DIGITS) / size,
        "exclamations": text.count("!") / size * 1e3,
        "dollars": text.count("$") / size * 1e3,
        "questions": text.count("?") / size * 1e3,
        "foreign_characters": (len(text) - len(plain)) / size,
        "sums_of_money": len(_MONEY.findall(text)),
        "quoted_lines": text.count("\n>") / size * 1e3,
        "quotes_somebody": float("wrote:" in text),
        "subject_capitals": _held(title, _UPPER) / max(1, len(subject)),
        "subject_exclamations": subject.count("!"),
        "subject_questions": subject.count("?"),
        "subject_digits": _held(title, _DIGITS),
        "subject_gap": float("   " in subject),
        "zero_width": math.log1p(row["zero_width"]),
    }


def _links(row: Row) -> dict[str, float]:
    links = row["links"]
    found = hosts(links)
    domains = {registered_domain(host) for host in found}
    return {
        "log_links": math.log1p(row["link_count"]),
        "link_domains": len(domains),
        "links_to_numbers": sum(host.replace(".", "").isdigit() for host in found),
        "links_escaped": float(any("%" in link for link in links)),
        "links_with_user": sum("@" in link[8:] and not link.startswith("mailto:") for link in links),
        "longest_link": math.log1p(max((len(link) for link in links if "@" not in link), default=0)),
        "links_to_sender": float(bool(row["from_domain"]) and row["from_domain"] in domains),
        "links_per_word": row["link_count"] / max(1, row["text"].count(" ")),
    }


def _attachments(row: Row) -> dict[str, float]:
    kinds = [kind.rpartition(":")[2] for kind in row["attachments"]]
    return {
        "attachments": len(kinds),
        "attachments_dangerous": sum(kind in _DANGEROUS for kind in kinds),
        "attachments_images": sum(kind.startswith("image/") for kind in row["attachments"]),
        "parts": row["parts"],
    }


def _html(row: Row) -> dict[str, float]:
    return {
        "html": float(row["html_chars"] > 0),
        "plain": float(row["plain_chars"] > 0),
        "html_hidden": row["html_hidden_chars"] / max(1, row["html_chars"]),
        "html_comments": math.log1p(row["html_comments"]),
        "html_false_links": row["html_false_links"],
        "html_images": math.log1p(row["html_images"]),
        "html_forms": row["html_forms"],
        "html_scripts": row["html_scripts"],
    }


def _headers(row: Row) -> dict[str, float]:
    names = frozenset(row["headers"])
    date, received = row["date"], row["received"]
    return {
        "no_message_id": float(not row["message_id"]),
        "no_date": float(date is None),
        "no_recipient": float(not row["to_addresses"]),
        "log_recipients": math.log1p(len(row["to_addresses"])),
        "no_mailer": float(not row["mailer"]),
        "replies": float("in-reply-to" in names or "references" in names),
        "subject_replies": float(row["subject"][:3].lower() == "re:"),
        "subject_forwards": float(row["subject"][:4].lower() in {"fw: ", "fwd:"}),
        "clock_wrong": float(date is not None and received is not None and abs(date - received) > _DAY),
        "type_html": float(row["content_type"] == "text/html"),
        "type_multipart": float(row["content_type"].startswith("multipart")),
        "encoding_base64": float(row["transfer_encoding"] == "base64"),
        "encoding_quoted": float(row["transfer_encoding"] == "quoted-printable"),
        "defects": row["defects"],
        "charset_guesses": len(row["charset_notes"]),
    }


def _domains(row: Row) -> dict[str, float]:
    sender, reply, written_by = row["from_domain"], row["reply_domain"], row["message_id_domain"]
    return {
        "no_sender": float(not sender),
        "reply_given": float(bool(reply)),
        "reply_elsewhere": float(bool(reply) and reply != sender),
        "message_id_elsewhere": float(bool(written_by) and written_by != sender),
        "sender_digits": sum(character.isdigit() for character in sender),
    }


def _transport(row: Row) -> dict[str, float]:
    return {"hops": row["received_count"], "log_size": math.log1p(row["size"]), "header_count": len(row["headers"])}


def _keywords(row: Row) -> dict[str, float]:
    text = f"{row['subject']}\n{row['text']}".lower()
    words = _WORD.findall(text)
    hits = Counter(topic for word in words if (topic := _TOPIC_OF.get(word)) is not None)
    shares: dict[str, float] = {f"words_{topic}": hits[topic] / max(1, len(words)) * 100 for topic in _TOPICS}
    return shares | {"opt_out": sum(text.count(phrase) for phrase in _OPT_OUT)}


GROUPS: dict[str, tuple[Callable[[Row], dict[str, float]], ...]] = {
    "length": (_length, _style),
    "links": (_links, _html),
    "attachments": (_attachments,),
    "headers": (_headers, _domains, _transport),
    "keywords": (_keywords,),
}
"""The words of `[features] extra` for mail, and what each reads."""
_EMPTY: dict[str, Any] = {
    "text": "",
    "subject": "",
    "from_domain": "",
    "reply_domain": "",
    "message_id_domain": "",
    "message_id": "",
    "mailer": "",
    "content_type": "",
    "transfer_encoding": "",
    "date": None,
    "received": None,
    "links": [],
    "attachments": [],
    "headers": [],
    "to_addresses": [],
    "charset_notes": [],
}
_COUNTS = _in_order(
    "link_count size parts received_count plain_chars html_chars html_hidden_chars html_comments html_false_links "
    "html_images html_forms html_scripts zero_width defects"
)
INPUTS = (*_EMPTY, *_COUNTS)
_NOTHING = {**_EMPTY, **dict.fromkeys(_COUNTS, 0)}
NAMES = {group: tuple(name for facts in members for name in facts(_NOTHING)) for group, members in GROUPS.items()}


class MailFacts(Struct, frozen=True, kw_only=True, tag="mail_facts"):
    """Facts by group (`length`, `style`, `links`, ...); `without` names single facts that are not read."""

    groups: tuple[str, ...] = tuple(GROUPS)
    without: tuple[str, ...] = ()
    version: int = VERSION

    @property
    def inputs(self) -> tuple[str, ...]:
        """The columns that are read."""
        return INPUTS

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the facts, `group.fact`."""
        return tuple(f"{group}.{name}" for group in self.groups for name in NAMES[group] if name not in self.without)

    def encode(self, rows: Columns) -> NDArray[np.float32]:
        """One column for each fact."""
        count = len(rows["text"])
        plain = {name: [without_people(text, _TEXT_LIMIT) for text in rows[name]] for name in ("text", "subject")}
        found = [self._facts({name: (plain.get(name) or rows[name])[at] for name in INPUTS}) for at in range(count)]
        return np.array(found, dtype=np.float32).reshape(count, len(self.names))

    def _facts(self, row: Row) -> list[float]:
        found = (facts(row) for group in self.groups for facts in GROUPS[group])
        return [value for facts in found for name, value in facts.items() if name not in self.without]
