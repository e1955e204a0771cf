import hashlib
import random
import runpy
import zlib
from pathlib import Path

import numpy as np
import pytest

from roadworthy.kernel.errors import MeasureError
from roadworthy.measures.profile import Profile

GOLDEN = Path(__file__).parent / "golden.rwprof"


@pytest.fixture(scope="module")
def profile(table, make) -> Profile:
    return make.profile_of(table, np.arange(12_000))


def test_bytes_come_back_as_they_were(profile):
    again = Profile.from_bytes(profile.to_bytes())
    assert again == profile
    assert again.digest == profile.digest
    assert list(again.columns) == list(profile.columns)
    assert again["mail"].top() == profile["mail"].top()


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda data: b"", "no profile"),
        (lambda data: b"PAR1" + data[4:], "no profile"),
        (lambda data: data[:7] + b"\x09" + data[8:], "version 9"),
        (lambda data: data[: len(data) // 2], "cut off"),
        (lambda data: data + b"x", "longer"),
        (lambda data: data[:16] + bytes(32) + data[48:], "checksum"),
        (lambda data: data[:8] + (2**40).to_bytes(8, "big") + data[16:], "no profile holds more"),
        (lambda data: data[:60] + b"\xff\xff\xff\xff" + data[64:], "damaged"),
    ],
)
def test_bytes_that_are_no_profile_are_an_error_that_says_why(profile, damage, said):
    with pytest.raises(MeasureError, match=said):
        Profile.from_bytes(damage(profile.to_bytes()))


@pytest.mark.parametrize("seed", range(150))
def test_a_payload_of_someone_else_is_an_error_and_never_a_crash(profile, seed):
    chance = random.Random(seed)
    payload = bytearray(zlib.decompress(profile.to_bytes()[48:]))
    for _ in range(chance.randint(1, 4)):
        payload[chance.randrange(min(len(payload), 400 if seed % 2 else len(payload)))] = chance.randrange(256)
    head = profile.to_bytes()[:8] + len(payload).to_bytes(8, "big") + hashlib.sha256(payload).digest()
    try:
        read = Profile.from_bytes(head + zlib.compress(bytes(payload)))
    except MeasureError:
        return
    for column in read.columns.values():
        _ = column.kind, column.count, column.distinct


def test_a_profile_written_by_the_first_version_is_read(make):
    profile = Profile.from_bytes(GOLDEN.read_bytes())
    assert profile.rows == 20_000
    assert profile.digest == "751c493275134e6803e4cd222ec01e730b7b0b535bb9c38dcba7740d7ab707a3"


def test_this_version_writes_the_bytes_that_it_wrote_at_first():
    made = runpy.run_path(str(GOLDEN.with_name("make_golden.py")))["golden_bytes"]()
    assert Profile.from_bytes(made).digest == Profile.from_bytes(GOLDEN.read_bytes()).digest
