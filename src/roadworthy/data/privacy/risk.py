"""How many rows stand alone in what others may know of a person: k-anonymity.

Source: Sweeney (2002), Int. J. Uncertain. Fuzziness Knowl.-Based Syst. 10(5):557-570.
"""

import re
from collections.abc import Sequence

import numpy as np
import polars as pl
from msgspec import Struct

from roadworthy.data.privacy.people import spoken

_PERSON = (
    r"(?i)^age$|(^|[\W_])(sex|gender|birth\w*|dob|race|ethnic\w*|marital\w*|civil_?status|nationality|citizenship|"
    r"native_?country|country_of_birth|religion|disability)($|[\W_])"
)
_KNOWN = (
    r"(?i)(^|[\W_])(zip|zip_?code|postcode|postal_?code|plz|occupation|profession|job_?title|education|city|municipality|"
    r"children)($|[\W_])"
)
_LEAST = 2


class Risk(Struct, frozen=True):
    """What a combination of columns gives away.

    Attributes:
        k: rows of the smallest group of equal rows.
        alone: rows whose combination nobody else has.
        rows: all rows.
        chance: mean over the rows of 1 / size of the row's group: how often somebody who knows these facts of a person
            in the table is right about the row.
        first: positions of the first rows that are alone.
    """

    k: int
    alone: int
    rows: int
    chance: float
    first: tuple[int, ...]


def risk(table: pl.DataFrame, columns: Sequence[str]) -> Risk:
    """Groups of rows that are equal in these columns; missing values are equal to each other.

    >>> found = risk(pl.DataFrame({"age": [30, 30, 41], "sex": ["f", "f", "m"]}), ["age", "sex"])
    >>> found.k, found.alone, round(found.chance, 3)
    (1, 1, 0.667)
    """
    if table.is_empty():
        return Risk(0, 0, 0, 0.0, ())
    sizes = table.select(pl.len().over(list(columns)).alias("n"))["n"].to_numpy()
    alone = np.flatnonzero(sizes == 1)
    return Risk(int(sizes.min()), len(alone), table.height, float((1 / sizes).mean()), tuple(alone[:20].tolist()))


def quasi_identifiers(names: Sequence[str]) -> list[str]:
    """Columns whose names say that others may know their values of a person.

    None unless there are two, one of which only people have: a city and a postcode are no person.

    >>> quasi_identifiers(["age", "zipCode", "income"]), quasi_identifiers(["zipCode", "city"])
    (['age', 'zipCode'], [])
    """
    plain = {name: spoken(name).replace("-", "_") for name in names}
    found = [name for name, said in plain.items() if re.search(f"{_PERSON}|{_KNOWN.removeprefix('(?i)')}", said)]
    people = any(re.search(_PERSON, plain[name]) for name in found)
    return found if people and len(found) >= _LEAST else []
