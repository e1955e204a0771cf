"""The law of a design: what a fold gets in training is what the frozen steps give at prediction."""

import msgspec
import numpy as np
import polars as pl
import pytest
from scipy import sparse
from sklearn.feature_extraction.text import TfidfTransformer

from roadworthy.bundle.encoded import Csr, Encoded
from roadworthy.bundle.mail import mail_columns, parse_mail
from roadworthy.bundle.steps.frozen import load_steps
from roadworthy.bundle.steps.reputation import Reputation
from roadworthy.bundle.steps.weighted import beside
from roadworthy.data.personal import Marks
from roadworthy.declare.data import Column
from roadworthy.declare.training import Features, TextFeatures
from roadworthy.declare.training import Reputation as DeclaredReputation
from roadworthy.features.design import make_design
from roadworthy.kernel.errors import DataError

SCALES = {
    "rating": Column(scale="ordinal", order=("low", "middle", "high")),
    "id": Column(scale="identifier"),
    "note": Column(scale="text"),
}


def same(a: Encoded, b: Encoded) -> None:
    assert a.names == b.names
    assert np.array_equal(a.dense, b.dense, equal_nan=True)
    assert (a.sparse is None) == (b.sparse is None)
    if a.sparse is not None and b.sparse is not None:
        assert a.sparse.width == b.sparse.width
        for name in ("data", "indices", "indptr"):
            assert np.array_equal(getattr(a.sparse, name), getattr(b.sparse, name)), name


def as_sent(table: pl.DataFrame, rows, steps):
    """The rows as JSON would bring them."""
    columns = {field.name: [table[field.name].to_list()[row] for row in rows] for field in steps.inputs}
    return msgspec.json.decode(msgspec.json.encode(columns))


@pytest.fixture
def mail_design(mails, truth, declared):
    return make_design(mails, declared(kind="mail", data={"time": "received", "key": "message_id"}), truth=truth)


@pytest.fixture
def loan_design(loans, declared):
    features = Features(reputation=DeclaredReputation(entity="shop"))
    declaration = declared(data={"key": "id", "time": "day", "columns": SCALES}, features=features)
    return make_design(loans, declaration, truth=(np.arange(80) % 2).astype(np.int8))


@pytest.mark.parametrize("kind", ["mail", "loan"])
def test_encoding_in_training_is_encoding_at_prediction(kind, request, tmp_path):
    design = request.getfixturevalue(f"{kind}_design")
    table = request.getfixturevalue("mails" if kind == "mail" else "loans")
    steps = design.fit(np.arange(0, 60))
    rows = np.array([70, 3, 3, 61, 0, 79])
    trained = design.encode(steps, rows)
    same(trained, steps.encode(as_sent(table, rows, steps)))
    for place, row in enumerate(rows):
        alone = steps.encode(as_sent(table, [row], steps))
        assert np.array_equal(alone.dense[0], trained.dense[place], equal_nan=True)
        span = slice(trained.sparse.indptr[place], trained.sparse.indptr[place + 1])
        assert np.array_equal(alone.sparse.data, trained.sparse.data[span])
        assert np.array_equal(alone.sparse.indices, trained.sparse.indices[span])
    saved = msgspec.json.decode(msgspec.json.encode(steps.save(tmp_path)))
    loaded = load_steps(tmp_path, saved)
    same(trained, loaded.encode(as_sent(table, rows, steps)))
    assert loaded.terms() == steps.terms()
    assert all(term.partition(":")[2] for term in loaded.terms())
    assert not any(path.suffix in {".pkl", ".pickle"} for path in tmp_path.iterdir())


def test_raw_mails_give_the_same_numbers_as_the_table(mail_design, raws):
    steps = mail_design.fit(np.arange(60))
    parsed = mail_columns([parse_mail(raw) for raw in raws])
    same(mail_design.encode(steps, np.arange(120)), steps.encode(parsed))


def test_pseudonyms_in_training_change_no_number(truth, declared):
    raws = [
        b"From: Ann <ann@shop.example>\nTo: bob@home.example\nSubject: for bob@home.example\n\nDear bob@home.example"
        b"\nwrite to ann@shop.example or http://shop.example/?u=bob@home.example !\n%d\n" % number
        for number in range(120)
    ]
    plain = [parse_mail(raw) for raw in raws]
    marks = Marks(b"key")
    hidden = [marks.mail(mail, ("from", "to")) for mail in plain]
    assert hidden[0].text != plain[0].text
    table = pl.DataFrame(mail_columns(hidden), strict=False)
    design = make_design(table, declared(kind="mail"), truth=truth)
    steps = design.fit(np.arange(60))
    same(design.encode(steps, np.arange(120)), steps.encode(mail_columns(plain)))


def test_no_rows(mail_design, loan_design):
    for design in (mail_design, loan_design):
        steps = design.fit(np.arange(60))
        found = design.encode(steps, np.arange(0))
        assert found.dense.shape == (0, len(steps.names))
        same(found, steps.encode({field.name: [] for field in steps.inputs}))
        with pytest.raises(DataError):
            design.fit(np.arange(0))


def test_a_fit_sees_its_own_rows_alone(mails, truth, declared):
    declaration = declared(kind="mail", data={"time": "received"})
    changed = mails.with_columns(
        text=pl.when(pl.int_range(pl.len()) < 60).then("text").otherwise(pl.lit("quite other words here")),
        from_domain=pl.when(pl.int_range(pl.len()) < 60).then("from_domain").otherwise(pl.lit("other.example")),
    )
    flipped = np.where(np.arange(120) < 60, truth, 1 - truth).astype(np.int8)
    a = make_design(mails, declaration, truth=truth).fit(np.arange(60))
    b = make_design(changed, declaration, truth=flipped).fit(np.arange(60))
    assert a.dense == b.dense
    assert a.terms() == b.terms()
    assert all(np.array_equal(x.idf, y.idf) for x, y in zip(a.text, b.text, strict=True))


def test_words_are_weighed_as_scikit_learn_weighs_them(mail_design):
    rows = np.arange(60)
    steps = mail_design.fit(rows)
    words, counted = steps.text[0], mail_design._terms[0]
    encoded = counted.encode(words, rows)
    counts = words.reader.count([counted._texts[row] for row in rows])
    known = np.isin(counts.keys, words.keys)
    held = np.repeat(rows, np.diff(counts.indptr))[known]
    at = np.searchsorted(words.keys, counts.keys[known])
    matrix = sparse.csr_matrix((counts.times[known], (held, at)), shape=(60, words.width))
    expected = TfidfTransformer(sublinear_tf=True).fit_transform(matrix).toarray()
    found = sparse.csr_matrix((encoded.data, encoded.indices, encoded.indptr), shape=(60, words.width)).toarray()
    assert np.abs(found - expected).max() < 1e-6


def test_blocks_stand_side_by_side_as_in_scipy():
    rng = np.random.default_rng(0)
    parts = [sparse.random(7, width, 0.4, format="csr", random_state=rng, dtype=np.float32) for width in (5, 1, 9)]
    for part in parts:
        part.sort_indices()
    blocks = [
        Csr(data=p.data, indices=p.indices.astype(np.int32), indptr=p.indptr.astype(np.int64), width=p.shape[1])
        for p in parts
    ]
    found, expected = beside(blocks), sparse.hstack(parts).tocsr()
    expected.sort_indices()
    assert found.width == 15
    assert np.array_equal(found.data, expected.data)
    assert np.array_equal(found.indices, expected.indices)
    assert np.array_equal(found.indptr, expected.indptr)


def test_most_terms_are_the_most_frequent(mail_design):
    counted = mail_design._terms[0]
    every = counted.fit(np.arange(120))
    counted.choice = msgspec.structs.replace(counted.choice, most=7)
    few = counted.fit(np.arange(120))
    assert few.width == 7
    assert set(few.keys) <= set(every.keys)
    assert few.idf.max() <= np.sort(every.idf)[6]


def test_a_table_reads_each_column_by_its_scale(loan_design):
    names = set(loan_design.fit(np.arange(80)).names)
    assert {"age", "amount", "amount.missing", "owner", "rating.rank", "job=chef", "job=(missing)"} <= names
    assert {"shop.reputation", "shop.seen"} <= names
    assert not any(name.split("=")[0].split(".")[0] in {"id", "day", "label"} for name in names)
    assert [block.reader.name for block in loan_design.fit(np.arange(80)).text] == ["words", "letters"]


def test_what_may_not_be_read_is_not_read(loans, declared):
    loans = loans.with_columns(age_group=pl.lit("old"), elder=pl.lit(1.0), hint=pl.lit(1.0))
    declaration = declared(
        problem={"protected": ("sex", "age_group")},
        data={
            "key": "id",
            "leaks": ("leak_*",),
            "columns": SCALES,
            "derive": {"age_group": "bin(age, 25)", "elder": "age * 2", "hint": "map(label, 'yes'=1)"},
        },
    )
    steps = make_design(loans, declaration, truth=np.zeros(80, np.int8)).fit(np.arange(80))
    read = {field.name for field in steps.inputs}
    assert read == {"day", "amount", "job", "rating", "owner", "note", "shop"}


def test_protected_columns_are_read_where_somebody_answers_for_it(loans, declared):
    problem = {"protected": ("sex",), "use_protected": True, "use_protected_reason": "to correct for it"}
    steps = make_design(loans, declared(problem=problem), truth=np.zeros(80, np.int8)).fit(np.arange(80))
    assert "sex=f" in steps.names


@pytest.mark.parametrize(
    ("features", "what"),
    [
        (Features(columns=("agee",)), 'did you mean "age"'),
        (Features(columns=("label",)), "the target"),
        (Features(text=TextFeatures(columns=("sex",))), "protected"),
        (Features(reputation=DeclaredReputation(entity="shop")), "no column tells the time"),
    ],
)
def test_impossible_wishes_are_refused(loans, declared, features, what):
    with pytest.raises(DataError, match=what):
        make_design(loans, declared(features=features, problem={"protected": ("sex",)}), truth=np.zeros(80, np.int8))


def test_nothing_left_to_read(declared):
    table = pl.DataFrame({"label": ["yes", "no"]})
    with pytest.raises(DataError, match="no column is left"):
        make_design(table, declared(), truth=np.array([1, 0], np.int8))
    with pytest.raises(DataError, match="2 rows have 3 labels"):
        make_design(table, declared(), truth=np.array([1, 0, 1], np.int8))


def test_declared_features_of_mail_are_all_that_is_read(mails, truth, declared):
    features = Features(text=TextFeatures(columns=("subject",), characters=False, ngrams=1), extra=("links",))
    steps = make_design(mails, declared(kind="mail", features=features), truth=truth).fit(np.arange(120))
    assert [block.reader.name for block in steps.text] == ["words"]
    assert all(name.startswith("links.") for name in steps.names)
    with pytest.raises(DataError, match='did you mean "links"'):
        make_design(mails, declared(kind="mail", features=Features(extra=("link",))), truth=truth)


def test_stop_words_are_no_terms(mails, truth, declared):
    text = TextFeatures(columns=("subject", "body"), steps=("lower", "words", "stop_words"))
    for steps, held in ((text.steps, False), (("lower", "words"), True)):
        declaration = declared(kind="mail", features=Features(text=msgspec.structs.replace(text, steps=steps)))
        terms = make_design(mails, declaration, truth=truth).fit(np.arange(120)).terms()
        assert ("words:the" in terms) is held
        assert "words:the meeting" in terms


def test_leaking_headers_and_transport_are_not_read(mails, truth, declared):
    declaration = declared(kind="mail", data={"leaks": ("list_*", "message_id"), "redact": ("click",)})
    steps = make_design(mails, declaration, truth=truth).fit(np.arange(120))
    terms = steps.terms()
    assert "words:click" not in terms
    assert "marks:header:message-id" not in terms
    assert "marks:header:subject" in terms
    assert "headers.hops" not in steps.names
    plain = make_design(mails, declared(kind="mail"), truth=truth).fit(np.arange(120))
    assert "headers.hops" in plain.names
    assert "words:click" in plain.terms()


def test_fitted_on_reads_the_past_alone(mail_design):
    rows = np.arange(60)
    steps = mail_design.fit(rows)
    assert any(isinstance(step, Reputation) for step in steps.dense)
    now, then = mail_design.encode(steps, rows), mail_design.encode(steps, rows, fitted_on=True)
    place = steps.names.index("from_domain.seen")
    assert then.dense[0, place] == 0
    assert (then.dense[:, place] < now.dense[:, place]).all()
    others = [at for at, name in enumerate(steps.names) if not name.startswith("from_domain.")]
    assert np.array_equal(now.dense[:, others], then.dense[:, others], equal_nan=True)
    with pytest.raises(DataError, match="fitted on other rows"):
        mail_design.encode(steps, rows[:10], fitted_on=True)
