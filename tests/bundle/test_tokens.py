"""The tokeniser: what terms it finds, and that it finds the same ones for one text and for many."""

import re
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.feature_extraction.text import CountVectorizer

from roadworthy.bundle.steps.tokens import ANALYSERS, count, letters, lines, single_words, spell, spelled, words

TEXTS = st.lists(st.text(alphabet=st.characters(codec=None, max_codepoint=0x2FFFF), max_size=60), max_size=6)
WORD = re.compile(r"[a-z0-9]+(?:['_.-][a-z0-9]+)*|[!%$£€]+")

# Keys of saved models: if these change, so must VERSION.
FROZEN_WORDS = [1052279083472897, 1156923538905864, 2062198441672292]
FROZEN_LETTERS = [
    63032666545268,
    1299725367413765,
    2862685356451322,
    3034085491153707,
    3434388781831931,
    4413561016537473,
]
FROZEN_LINES = [4486865710634752]

ODD = {
    "accents": ("Café NAÏVE", ["cafe", "naive"]),
    "combining": ("cafe\u0301", ["cafe"]),
    "zero width": ("vi\u200bag\u00adra", ["viagra"]),
    "look-alikes": ("сlісk hеrе", ["click", "here"]),
    "full width": ("ＦＲＥＥ", ["free"]),
    "turkish": ("İSTANBUL", ["istanbul"]),
    "chinese": ("免费", ["免", "费"]),
    "emoji": ("win💰now", ["win", "💰", "now"]),
    "money": ("only $5.00!!", ["only", "$", "5.00", "!!"]),
    "joined": ("don't e-mail a.b -x- _y_", ["don't", "e-mail", "a.b"]),
    "one letter": ("a b c", []),
    "nul": ("ab\x00cd", ["ab", "cd"]),
    "surrogate": ("ab\ud800cd", ["ab", "cd"]),
    "spaces": ("ab\u00a0cd\u3000ef\r\ngh", ["ab", "cd", "ef", "gh"]),
    "empty": ("", []),
}


@pytest.mark.parametrize("name", sorted(ODD))
def test_words_of_odd_texts(name):
    text, expected = ODD[name]
    assert spelled(single_words([text])) == expected


@settings(derandomize=True, deadline=None)
@given(st.lists(st.text(alphabet="abyzAZ09 '-_.,!$%\n", max_size=80), max_size=5))
def test_words_of_plain_text_are_those_of_a_pattern(texts):
    expected = [token for text in texts for token in WORD.findall(text.lower()) if len(token) > 1 or token in "!%$"]
    assert spelled(single_words(texts)) == expected


@settings(derandomize=True, deadline=None)
@given(st.lists(st.text(alphabet="abcXY19 .,!$\t\n", max_size=60), min_size=1, max_size=5))
def test_letters_are_those_of_scikit_learn(texts):
    analyse = CountVectorizer(analyzer="char_wb", ngram_range=(3, 5)).build_analyzer()
    grams = letters(texts)
    found = [Counter() for _ in texts]
    for text, term in zip(grams.texts, spelled(grams), strict=True):
        found[text][term] += 1
    assert found == [Counter(analyse(text)) for text in texts]


def test_pairs_do_not_reach_from_one_text_into_the_next():
    assert spelled(words(["one two", "", "three"])) == ["one", "two", "three", "one two"]


def test_lines_stand_as_they_are():
    assert spelled(lines(["From:A\nto:b", "", "x"])) == ["From:A", "to:b", "x"]
    assert lines(["From:A\nto:b", "", "x"]).texts.tolist() == [0, 0, 2]


@settings(derandomize=True, deadline=None)
@given(TEXTS)
@pytest.mark.parametrize("name", sorted(ANALYSERS))
def test_a_text_alone_and_among_others_has_the_same_counts(name, texts):
    together = count(texts, ANALYSERS[name])
    assert len(together.indptr) == len(texts) + 1
    for place, text in enumerate(texts):
        alone = count([text], ANALYSERS[name])
        span = slice(together.indptr[place], together.indptr[place + 1])
        assert np.array_equal(alone.keys, together.keys[span])
        assert np.array_equal(alone.times, together.times[span])
        assert (np.diff(alone.keys.astype(np.int64)) > 0).all()


def test_chunks_do_not_show():
    texts = ["word " * 30_000, "other word", "", "x " * 90_000, "last one"] + ["tiny"] * 3_000
    counts = count(texts, words)
    assert sorted(counts.times[: counts.indptr[1]].tolist()) == [29_999.0, 30_000.0]
    assert np.diff(counts.indptr).tolist()[:5] == [2, 3, 0, 0, 3]
    assert np.diff(counts.indptr)[5:].tolist() == [1] * 3_000


def test_keys_are_spelled_from_texts_that_hold_them():
    texts = ["Buy now", "buy later"]
    keys = count(["buy later now"], words).keys
    found = spell(keys, texts, words)
    assert sorted(found) == ["", "buy", "buy later", "later", "now"]


def test_distinct_terms_have_distinct_keys():
    terms = [f"w{number}" for number in range(200_000)]
    assert len(count(["\n".join(terms)], lines).keys) == len(terms)


def test_keys_are_frozen():
    assert count(["Free money"], words).keys.tolist() == FROZEN_WORDS
    assert count(["abc"], letters).keys.tolist() == FROZEN_LETTERS
    assert count(["top:org"], lines).keys.tolist() == FROZEN_LINES
