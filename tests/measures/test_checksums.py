"""Codes that check themselves, by the examples that their standards and registries publish."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roadworthy.measures.checksums import CHECKSUMS, ean13, luhn

RIGHT = {
    "luhn": ["79927398713", "4012888888881881", "378282246310005", "6011111111111117", "5555 5555 5555 4444"],
    "iban": [
        "GB29 NWBK 6016 1331 9268 19",
        "DE89 3704 0044 0532 0130 00",
        "FR14 2004 1010 0505 0001 3M02 606",
        "NO93 8601 1117 947",
        "MT84 MALT 0110 0001 2345 MTLC AST0 01S",
    ],
    "isbn10": ["0-19-852663-6", "0-9752298-0-X", "3-598-21508-8", "0306406152"],
    "isbn13": ["978-3-16-148410-0", "9780306406157", "979-10-90636-07-1"],
    "ean13": ["4006381333931", "5901234123457", "9780306406157"],
    "ean8": ["73513537", "96385074", "55123457"],
    "upc": ["036000291452", "042100005264"],
    "gtin14": ["10614141000415", "00012345600012"],
}


@pytest.mark.parametrize(("kind", "code"), [(kind, code) for kind, codes in RIGHT.items() for code in codes])
def test_published_codes_are_right_and_no_longer_with_another_digit(kind: str, code: str) -> None:
    assert CHECKSUMS[kind](code)
    last = max(place for place, letter in enumerate(code) if letter.isdigit())
    changed = code[:last] + str((int(code[last]) + 1) % 10) + code[last + 1 :]
    assert not CHECKSUMS[kind](changed)


@pytest.mark.parametrize("kind", CHECKSUMS)
@pytest.mark.parametrize("text", ["", "x", "0" * 13, "٤١١١١١١١١١١١١١١١", "4111-1111-1111-111", "1" * 40, "GB82"])
def test_what_is_no_code_is_no_error(kind: str, text: str) -> None:
    assert CHECKSUMS[kind](text) is False


@settings(deadline=None, derandomize=True)
@given(st.lists(st.integers(0, 9), min_size=11, max_size=15).filter(any), st.data())
def test_luhn_and_article_numbers_find_every_single_wrong_digit(digits: list[int], data: st.DataObject) -> None:
    body = "".join(map(str, digits))
    for check in (luhn, ean13):
        whole = body if check is luhn else body[:12].ljust(12, "7")
        right = [whole + str(last) for last in range(10) if check(whole + str(last))]
        assert len(right) == 1
        place, step = data.draw(st.integers(0, len(whole))), data.draw(st.integers(1, 9))
        wrong = list(right[0])
        wrong[place] = str((int(wrong[place]) + step) % 10)
        assert not check("".join(wrong))
