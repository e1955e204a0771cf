"""Published test vectors, and the laws of pseudonyms: one to one, form kept, undone by the key alone."""

from ipaddress import ip_address
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roadworthy.data.privacy.checksums import digits_of, is_card, is_iban, luhn_digit
from roadworthy.data.privacy.phones import is_phone, parts_of
from roadworthy.data.pseudonyms.addresses import PrefixPreserving
from roadworthy.data.pseudonyms.aes import derived
from roadworthy.data.pseudonyms.ff1 import FF1
from roadworthy.data.pseudonyms.forms import Forms
from roadworthy.data.snapshot import read_snapshot, read_table
from roadworthy.declare.data import Pseudonym, Source
from roadworthy.kernel.errors import DataError

FORMS = Forms(b"a key of no importance, 32 bytes")
KEY = "2B7E151628AED2A6ABF7158809CF4F3CEF4359D8D580AA4F7F036D6F04FC6A94"
SIGNS = "0123456789abcdefghijklmnopqrstuvwxyz"
TEN, LONG = "0123456789", "0123456789abcdefghi"
TWEAK, OTHER = "39383736353433323130", "3737373770717273373737"
NIST = [
    (128, 10, "", TEN, "2433477484"),
    (128, 10, TWEAK, TEN, "6124200773"),
    (128, 36, OTHER, LONG, "a9tv40mll9kdu509eum"),
    (192, 10, "", TEN, "2830668132"),
    (192, 10, TWEAK, TEN, "2496655549"),
    (192, 36, OTHER, LONG, "xbj3kv35jrawxv32ysr"),
    (256, 10, "", TEN, "6657667009"),
    (256, 10, TWEAK, TEN, "1001623463"),
    (256, 36, OTHER, LONG, "xs8a0azh2avyalyzuwd"),
]
"""The nine samples that NIST published for FF1: bits of the key, radix, tweak, plain and encrypted."""


@pytest.mark.parametrize(("bits", "radix", "tweak", "plain", "encrypted"), NIST)
def test_the_samples_of_nist(bits: int, radix: int, tweak: str, plain: str, encrypted: str) -> None:
    cipher = FF1(bytes.fromhex(KEY[: bits // 4]), radix=radix)
    found = cipher.encrypt([SIGNS.index(one) for one in plain], tweak=bytes.fromhex(tweak))
    assert "".join(SIGNS[one] for one in found) == encrypted
    assert cipher.decrypt(found, tweak=bytes.fromhex(tweak)) == [SIGNS.index(one) for one in plain]


@settings(derandomize=True, max_examples=200, deadline=None)
@given(st.lists(st.integers(0, 25), min_size=2, max_size=40), st.binary(max_size=40))
def test_decryption_undoes_encryption(numeral: list[int], tweak: bytes) -> None:
    cipher = FF1(derived(b"key", "test"), radix=26)
    made = cipher.encrypt(numeral, tweak=tweak)
    assert len(made) == len(numeral)
    assert cipher.decrypt(made, tweak=tweak) == numeral


def test_all_numerals_of_a_length_are_permuted_and_the_shortest_refused() -> None:
    cipher = FF1(derived(b"key", "test"), radix=10)
    made = {tuple(cipher.encrypt([one // 100, one // 10 % 10, one % 10])) for one in range(1000)}
    assert len(made) == 1000
    with pytest.raises(DataError, match="1 digits in radix 10"):
        cipher.encrypt([1])


XU = [
    ("128.11.68.132", "135.242.180.132"),
    ("129.118.74.4", "134.136.186.123"),
    ("130.132.252.244", "133.68.164.234"),
    ("141.223.7.43", "141.167.8.160"),
    ("141.233.145.108", "141.129.237.235"),
    ("152.163.225.39", "151.140.114.167"),
]
"""From the sample trace that comes with Crypto-PAn."""


@pytest.mark.parametrize(("plain", "made"), XU)
def test_the_sample_trace_of_crypto_pan(plain: str, made: str) -> None:
    key = [21, 34, 23, 141, 51, 164, 207, 128, 19, 10, 91, 22, 73, 144, 125, 16]
    key += [216, 152, 143, 131, 121, 121, 101, 39, 98, 87, 76, 45, 42, 132, 34, 2]
    assert PrefixPreserving(bytes(key)).address(plain) == made


@settings(derandomize=True, max_examples=100, deadline=None)
@given(st.ip_addresses(v=6), st.integers(0, 127))
def test_addresses_share_just_the_prefix_that_they_shared(address: object, bit: int) -> None:
    keep = PrefixPreserving(derived(b"key", "test"))
    other = ip_address(int(address) ^ (1 << bit)) if int(address) >> 40 else address  # type: ignore[call-overload]
    if other == address or other.version == 4:
        return
    one, two = (int(ip_address(keep.address(str(each)))) for each in (address, other))
    assert (one ^ two).bit_length() == bit + 1


def one_to_one(values: list[str], declared: Pseudonym) -> list[str]:
    made, fits = FORMS.column(values, declared)
    assert all(fits)
    assert len(set(made)) == len(set(values))
    assert FORMS.column(values, declared)[0] == made
    assert Forms(b"another key, also of thirty-two b").column(values, declared)[0] != made
    return [one for one in made if one is not None]


def test_cards_keep_issuer_length_and_check_digit() -> None:
    random = np.random.default_rng(1)
    bodies = ["411111" + "".join(map(str, random.integers(0, 10, 9))) for _ in range(400)]
    cards = [body + luhn_digit(body) for body in bodies] + ["3782 822463 10005", "6011-1111-1111-1117"]
    made = one_to_one(cards, Pseudonym(form="card"))
    assert all(is_card(one) for one in made)
    assert {one[:6] for one in made[:400]} == {"411111"}
    assert (made[400][4], made[400][11], made[401][4]) == (" ", " ", "-")


def test_accounts_keep_country_and_check_digits() -> None:
    accounts = ["DE89 3704 0044 0532 0130 00", "GB29NWBK60161331926819", "NL91 ABNA 0417 1643 00", "NO9386011117947",
                "FR1420041010050500013M02606", "MT84MALT011000012345MTLCAST001S"]  # fmt: skip
    made = one_to_one(accounts, Pseudonym(form="iban"))
    assert all(is_iban(one) for one in made)
    assert [one[:2] for one in made] == [one[:2] for one in accounts]
    assert made[0].count(" ") == 5


def test_telephones_keep_country_and_plan_and_do_not_depend_on_how_they_are_written() -> None:
    random = np.random.default_rng(2)
    drawn = [f"+1 ({area}) 555-{number:04d}" for area in (202, 212, 415) for number in random.integers(0, 10_000, 40)]
    phones = list(dict.fromkeys([one for one in drawn if is_phone(one)] + ["+44 20 7946 0958", "+49 1512 3456789"]))
    made = one_to_one(phones, Pseudonym(form="phone"))
    assert all(is_phone(one) for one in made)
    assert [parts_of(one)[0] for one in made] == [parts_of(one)[0] for one in phones]  # type: ignore[index]
    here = Pseudonym(form="phone", region="GB")
    dialled, abroad = (FORMS.value(one, here)[0] for one in ("020 7946 0958", "+44 20 7946 0958"))
    assert parts_of(dialled, "GB") == parts_of(abroad, "GB")


def test_digits_mails_and_marks() -> None:
    made = one_to_one([f"{row:07d}/{row % 10}" for row in range(500)], Pseudonym(form="digits"))
    assert all(one[7] == "/" and len(digits_of(one)) == 8 for one in made)
    assert one_to_one(["ann@example.org", "bob@example.org"], Pseudonym(form="email"))[0].endswith("@example.org")
    assert one_to_one(["ann", "bob"], Pseudonym(form="mark"))[0].startswith("p-")


def test_dates_of_one_person_move_together() -> None:
    declared = Pseudonym(form="date", person="who", days=30)
    dates = ["2020-03-01", "2020-03-15T08:00:00Z", "2020-03-01", "01.03.2020", "2020-02-30"]
    made, fits = FORMS.column(dates, declared, persons=["ann", "ann", "bob", "ann", "ann"])
    assert fits == [True, True, True, True, False]
    days = [np.datetime64(one[:10]) - np.datetime64(was[:10]) for one, was in zip(made[:2], dates[:2], strict=True)]  # type: ignore[index]
    assert days[0] == days[1] != 0
    assert made[1].endswith("T08:00:00Z")  # type: ignore[union-attr]
    assert ".".join(reversed(made[0].split("-"))) == made[3]  # type: ignore[union-attr]
    moved = [FORMS._shift(f"person {row}", 30) for row in range(3000)]
    assert set(moved) == set(range(-30, 31)) - {0}


@pytest.mark.parametrize(
    ("form", "odd"),
    [("card", "4111 1111 1111 1112"), ("iban", "DE00 3704"), ("phone", "12345"), ("ip", "300.1.1.1"),
     ("date", "tomorrow"), ("digits", "A12"), ("email", "nobody"), ("digits", "7")],
)  # fmt: skip
def test_what_is_not_of_the_form_becomes_a_mark(form: str, odd: str) -> None:
    made, fit = FORMS.value(odd, Pseudonym(form=form))  # type: ignore[arg-type]
    assert (made[:2], fit) == ("p-", False)
    assert FORMS.column([None], Pseudonym(form="card")) == ([None], [True])


def test_a_table_is_stored_with_pseudonyms_only(make: SimpleNamespace, tmp_path: Path) -> None:
    rows = ["who,card,seen,repaid", "ann,4111111111111111,2020-01-01,yes", "bob,5500005555555559,2020-01-02,no",
            "ann,no card,2020-02-01,yes"]  # fmt: skip
    (tmp_path / "t.csv").write_text("\n".join(rows) + "\n")
    declaration = make.declared(
        Source(kind="csv", path="t.csv"),
        positive="yes",
        target="repaid",
        pseudonymise=("who",),
        pseudonyms={"card": Pseudonym(form="card"), "seen": Pseudonym(form="date", person="who")},
    )
    made = make.acquired(declaration, tmp_path)
    table = read_table(tmp_path / "out")
    cards = table["card"].cast(pl.String).to_list()
    assert [is_card(one) for one in cards] == [True, True, False]
    (told,) = [one for one in made.findings if one.check == "data.pseudonyms"]
    assert (told.subject, told.measured, told.evidence["rows"]) == ("card", 1.0, ["t.csv:4"])
    kept = (tmp_path / "out" / "table.parquet").read_bytes() + (tmp_path / "out" / "snapshot.json").read_bytes()
    assert not any(word in kept for word in (b"4111111111111111", b"5500005555555559", b"bob"))
    assert read_snapshot(tmp_path / "out").lineage["pseudonyms"] == {"card": "card", "seen": "date"}
    seen = table["seen"].to_list()
    assert seen[2] - seen[0] == 31 * 86_400
    assert not [one for one in made.findings if one.check == "data.personal" and one.subject in ("card", "seen", "who")]
