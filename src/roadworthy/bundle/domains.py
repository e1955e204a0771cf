"""Hosts and the domains that somebody registered.

A small embedded rule stands in for the Public Suffix List: a country code takes its second level with it when that
level is one of the usual ones (`co.uk`, `com.au`, `ac.jp`). Private suffixes (`github.io`) count as one domain.
"""

import re
from functools import lru_cache

_SECOND_LEVEL = frozenset(
    (
        *("ac", "adv", "art", "asn", "asso", "biz", "blog", "co", "com", "edu", "eng", "firm", "gen", "go", "gob"),
        *("gouv", "gov", "gv", "id", "ind", "info", "k12", "ltd", "me", "mil", "ne", "net", "nhs", "nom", "or", "org"),
        *("plc", "police", "press", "res", "sch", "school", "tm", "web"),
    )
)
_COUNTRY_LETTERS = 2
_ADDRESS = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}")
_HOST_OF_URL = re.compile(r"(?i)\s*(?:[a-z][a-z0-9+.-]{1,20}:)?//(?:[^/?#@\s]*@)?\[?([^/?#:\s\]\"'<>]+)")
_BARE_HOST = re.compile(r"(?i)\s*((?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,24})(?=[/?#:\s]|$)")
_LONGEST_HOST = 253


@lru_cache(maxsize=65536)
def registered_domain(host: str) -> str:
    """The part of a host name that somebody registered; an IP address stands for itself; empty if it is no host.

    >>> [registered_domain(host) for host in ("mail.shop.example.co.uk", "a.b.example.com", "10.0.0.1")]
    ['example.co.uk', 'example.com', '10.0.0.1']
    """
    host = host.strip(" .[]\t\r\n\"'<>();,").lower()[:_LONGEST_HOST]
    if _ADDRESS.fullmatch(host):
        return host
    labels = [label for label in host.split(".") if label]
    if len(labels) <= 2:
        return ".".join(labels)
    wide = len(labels[-1]) == _COUNTRY_LETTERS and labels[-2] in _SECOND_LEVEL
    return ".".join(labels[-3:] if wide else labels[-2:])


def host_of(url: str) -> str:
    """The host that an address with a scheme leads to; user names before an @ do not fool it.

    >>> host_of("http://www.bank.com@evil.example/login")
    'evil.example'
    """
    found = _HOST_OF_URL.match(url)
    return found[1].lower() if found else ""


def shown_host(text: str) -> str:
    """The host that a link's visible words pretend to lead to; empty if they name none.

    >>> shown_host("www.bank.com/login"), shown_host("click here")
    ('www.bank.com', '')
    """
    found = _BARE_HOST.match(text)
    return host_of(text) or (found[1].lower() if found else "")
