"""Texts that hold a secret: shown as they were written, never as what they stand for."""

import re
from typing import Any
from urllib.parse import urlsplit, urlunsplit

_VARIABLE = re.compile(r"\$\{[A-Za-z_][A-Za-z0-9_]*\}")
_INSIDE_ADDRESS = re.compile(r"(?<=://)[^\s/@'\"]+@")


class Sealed(str):
    """A text as it was written, `${NAME}` and all; `unsealed` alone tells what it stands for.

    Whatever prints, compares, hashes or stores it meets the written form. msgspec refuses to encode it unless `shown`
    is given as its hook, so that nobody stores one without having thought of it; it is not pickled at all.

    >>> url = Sealed("sqlite:///${PLACE}", "sqlite:///secret.db")
    >>> f"{url}", unsealed(url)
    ('sqlite:///${PLACE}', 'sqlite:///secret.db')
    """

    __slots__ = ("_stands_for",)
    _stands_for: str

    def __new__(cls, written: str, stands_for: str) -> "Sealed":
        """Keep what a written text stands for beside it."""
        made = super().__new__(cls, written)
        made._stands_for = stands_for
        return made

    def __reduce_ex__(self, protocol: Any) -> Any:
        """Refuse to leave the process.

        Raises:
            TypeError: always.
        """
        raise TypeError("a sealed text is not copied or pickled")


def unsealed(text: str) -> str:
    """What a text stands for; a plain text stands for itself."""
    return text._stands_for if isinstance(text, Sealed) else text


def shown(value: Any) -> str:
    """The hook by which msgspec writes a sealed text: as it was written.

    >>> import msgspec
    >>> msgspec.json.encode({"url": Sealed("${URL}", "x")}, enc_hook=shown)
    b'{"url":"${URL}"}'

    Raises:
        TypeError: for anything else that cannot be encoded.
    """
    if isinstance(value, Sealed):
        return str(value)
    raise TypeError(f"a {type(value).__name__} cannot be written")


def holds_password(address: str) -> bool:
    """Whether an address names a password in the open, where `${NAME}` should stand.

    >>> holds_password("mysql://ada:hunter2@host/db"), holds_password("mysql://ada:${PW}@host/db")
    (True, False)
    """
    _, mark, rest = address.partition("://")
    before, at, _ = re.split(r"[/?#]", rest, maxsplit=1)[0].rpartition("@")
    password = before.partition(":")[2] if mark and at else ""
    return bool(_VARIABLE.sub("", password))


def told_address(address: str) -> str:
    """An address without user, password and query: what may be printed and stored of it.

    >>> told_address("https://ada:x@example.org:8443/data/a.csv?signature=abc#top")
    'https://example.org:8443/data/a.csv'
    """
    parts = urlsplit(address)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def without_secrets(said: str, *secrets: str) -> str:
    """What another program said, with the secrets that it may have repeated masked.

    >>> without_secrets("cannot open db://ada:hunter2@host: hunter2 is wrong", "hunter2")
    'cannot open db://***@host: *** is wrong'
    """
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        said = said.replace(secret, "***")
    return _INSIDE_ADDRESS.sub("***@", said)
