"""Passwords, keys and tokens: by the prefixes that issuers give them, or by a telling name and random letters."""

from collections import Counter
from math import log2

KNOWN = {
    "AWS access key": r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b",
    "GitHub token": r"\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{82})\b",
    "GitLab token": r"\bglpat-[A-Za-z0-9_-]{20}\b",
    "Slack token": r"\bxox[abprs]-[A-Za-z0-9-]{20,}\b",
    "Google API key": r"\bAIza[0-9A-Za-z_-]{35}\b",
    "Stripe key": r"\b(?:sk|rk)_(?:live|test)_[0-9A-Za-z]{24,}\b",
    "SendGrid key": r"\bSG\.[\w-]{22}\.[\w-]{43}\b",
    "npm token": r"\bnpm_[A-Za-z0-9]{36}\b",
    "PyPI token": r"\bpypi-AgEIcHlwaS5vcmc[\w-]{50,}",
    "JSON web token": r"\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{16,}",
    "private key": r"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----",
    "password hash": r"\$(?:2[aby]\$\d\d\$[./A-Za-z0-9]{53}"
    r"|argon2(?:id|i|d)\$v=\d+\$[^ ]{20,}|6\$[^ $]{0,16}\$[./\w]{86})",
}
"""What a secret is, and the pattern that nothing else follows."""

NAMED = r"(?i)(^|[\W_])(pass(word|wd|phrase)?|pwd|secret|token|api_?key|private_?key|credential)s?($|[\W_])"
"""Names of columns that hold secrets."""

_RANDOM_BITS = 3.0
_LEAST_LETTERS = 12


def entropy(text: str) -> float:
    """Bits per character, by the shares of the characters in the text itself (Shannon 1948).

    >>> entropy("aaaa"), entropy("abcd")
    (0.0, 2.0)
    """
    counts = Counter(text).values()
    return sum(count / len(text) * log2(len(text) / count) for count in counts)


def is_random(text: str) -> bool:
    """Whether a text looks drawn by a machine: one long word of many different characters, letters and digits.

    >>> is_random("8f3kQz91LmX02bvR"), is_random("correct horse"), is_random("internationalisation")
    (True, False, False)
    """
    mixed = any(one.isdigit() for one in text) and any(one.isalpha() for one in text)
    return len(text) >= _LEAST_LETTERS and " " not in text and mixed and entropy(text) >= _RANDOM_BITS
