"""The join of sets finds what holding every set against every other finds."""

import gzip
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roadworthy.data import set_join
from roadworthy.data.neighbours import jaccard, near_duplicates, near_pairs
from roadworthy.data.personal import Marks
from roadworthy.data.set_join import components, similar_groups, similar_pairs
from roadworthy.data.sets import Sets, shingles
from roadworthy.data.snapshot import read_table
from roadworthy.data.split import split
from roadworthy.declare.data import SplitPlan

SOME = st.lists(st.sets(st.integers(0, 12), max_size=8), max_size=14)
THRESHOLDS = st.sampled_from([0.1, 0.25, 1 / 3, 0.5, 0.6, 2 / 3, 0.75, 0.9, 1.0])


def made(sets: list[set[int]]) -> Sets:
    items = [item for one in sets for item in one]
    rows = [row for row, one in enumerate(sets) for _ in one]
    return Sets.of(items, rows, rows=len(sets))


def by_hand(sets: list[set[int]], similarity: float) -> dict[tuple[int, int], float]:
    found = {}
    for other in range(len(sets)):
        for one in range(other):
            both = sets[one] | sets[other]
            alike = len(sets[one] & sets[other]) / len(both) if both else 0.0
            if alike >= similarity - 1e-12:
                found[one, other] = alike
    return found


@settings(derandomize=True, max_examples=300, deadline=None)
@given(SOME, THRESHOLDS)
def test_pairs_are_those_of_exact_comparison(sets: list[set[int]], similarity: float) -> None:
    found = similar_pairs(made(sets), similarity=similarity)
    got = dict(zip(zip(found.one.tolist(), found.other.tolist(), strict=True), found.similarity.tolist(), strict=True))
    assert got == pytest.approx(by_hand(sets, similarity))
    assert found.complete


@settings(derandomize=True, max_examples=300, deadline=None)
@given(SOME, THRESHOLDS)
def test_groups_are_the_components_of_the_pairs(sets: list[set[int]], similarity: float) -> None:
    held = made(sets)
    found = similar_pairs(held, similarity=similarity)
    wanted = components(found.one, found.other, rows=len(sets))
    assert similar_groups(held, similarity=similarity).tolist() == wanted.tolist()


def test_sets_of_one_boilerplate_are_compared_within_bounds_and_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    held = made([{row, 99} for row in range(40)])
    assert len(similar_pairs(held, similarity=1 / 3).one) == 40 * 39 / 2
    monkeypatch.setattr(set_join, "_MOST_PAIRS", 200)
    bounded = similar_pairs(held, similarity=1 / 3)
    assert not bounded.complete
    assert 40 <= len(bounded.one) <= 200
    # what is passed over costs pairs, not the group that neighbours hold together
    assert set(similar_groups(held, similarity=1 / 3).tolist()) == {0}


def test_many_chunks_give_the_same_pairs(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(5)
    sets = [set(random.integers(0, 30, 8).tolist()) for _ in range(120)]
    whole = similar_pairs(made(sets), similarity=0.4)
    monkeypatch.setattr(set_join, "_CHUNK", 7)
    parts = similar_pairs(made(sets), similarity=0.4)
    assert (whole.one.tolist(), whole.other.tolist()) == (parts.one.tolist(), parts.other.tolist())
    assert whole.similarity.tolist() == parts.similarity.tolist()


def test_texts_become_the_runs_of_their_words() -> None:
    sets = shingles(["a b c d e", "a b c d", "b c d e", "a b", "", "A  b c 7 d", "a b c 8 d"])
    assert sets.sizes.tolist() == [2, 1, 1, 1, 0, 2, 2]
    parts = sets.parts()
    assert jaccard(parts[0], parts[1]) == jaccard(parts[0], parts[2]) == 0.5
    assert sets.first_equal().tolist() == [0, 1, 2, 3, 4, 5, 5]


def test_half_characters_are_read_like_any_other() -> None:
    assert near_duplicates(["one \ud800 two three four", "one ? two three four"]).tolist() == [0, 0]


def test_marks_under_two_keys_and_plain_addresses_give_the_same_sets() -> None:
    plain = (
        "Dear <ann@example.org>, ann@example.org. wrote p-2 to bob@example.net! and http://x.example/?u=ann@example.org"
    )
    texts = [plain]
    for key in (b"one", b"another"):
        marks = Marks(key)
        said = plain
        for address in ("ann@example.org", "bob@example.net"):
            said = said.replace(address, marks.address(address))
        texts.append(said)
    assert len(set(texts)) == 3
    assert near_duplicates(texts, similarity=1.0).tolist() == [0, 0, 0]
    assert near_duplicates([f"{Marks(key).word('Ann')} was here" for key in (b"a", b"b")]).tolist() == [0, 0]


@pytest.mark.corpus
@pytest.mark.parametrize("count", [1000, 2500])
def test_all_copied_articles_are_found_and_nothing_else(corpus: Path, count: int) -> None:
    lines = gzip.decompress((corpus / "neardup_articles" / f"articles_{count}.train.gz").read_bytes()).decode()
    names, texts = zip(*(line.split(" ", 1) for line in lines.splitlines()), strict=True)
    told = (corpus / "neardup_articles" / f"articles_{count}.truth").read_text().splitlines()
    found = near_pairs(texts)
    pairs = {frozenset((names[a], names[b])) for a, b in zip(found.one, found.other, strict=True)}
    assert pairs == {frozenset(line.split()) for line in told}


@pytest.mark.corpus
def test_two_keys_of_pseudonyms_give_the_same_groups_and_the_same_split(
    corpus: Path, tmp_path: Path, making: SimpleNamespace, acquire_to: Callable[..., None]
) -> None:
    source = making.mails(str(corpus / "spamassassin" / "spamassassin_raw.tar.gz"))
    plan = SplitPlan(method="time", test=0.3, group="near_duplicate")
    declaration = making.declared(source, pseudonymise=("from", "to"), split=plan)
    tables, splits = [], []
    for key in (b"one", b"another"):
        folder = tmp_path / key.decode()
        acquire_to(declaration, folder, key=key)
        tables.append(read_table(folder))
        splits.append(split(tables[-1], declaration, seed=7))
    assert not tables[0]["from_address"].equals(tables[1]["from_address"])
    assert (tables[0]["text"] != tables[1]["text"]).sum() > 100
    assert splits[0].group.tolist() == splits[1].group.tolist()
    assert splits[0].train.tolist() == splits[1].train.tolist()
    assert splits[0].test.tolist() == splits[1].test.tolist()
