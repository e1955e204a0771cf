"""The line of every key, against TOML written with known lines."""

import tomllib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roadworthy.declare.locate import locate

BARE = st.text("abcXYZ019_-", min_size=1, max_size=6)
QUOTED = st.text("ab .#=[]{}'\"\\é\t", min_size=0, max_size=5)
KEYS = st.one_of(BARE, QUOTED)
SCALARS = st.one_of(
    st.integers(-999, 999),
    st.booleans(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text('ab#"]}\n,\\é', max_size=8),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=3)),
    max_leaves=6,
)
TABLES = st.dictionaries(KEYS, VALUES, max_size=4)


class Writer:
    """Writes TOML and notes the line on which each key begins."""

    def __init__(self, draw):
        self.draw, self.text, self.lines = draw, "", {}

    def put(self, text):
        self.text += text

    def mark(self, path):
        self.lines.setdefault(path, self.text.count("\n") + 1)

    def gap(self):
        self.put(self.draw(st.sampled_from(["", "\n", "  ", "\n# [x] a = 'b\n", ' # "\n'])))

    def key(self, key):
        bare = key and all(c in "abcXYZ019_-" for c in key)
        self.put(key if bare and self.draw(st.booleans()) else quoted(key))

    def value(self, value, path):
        self.mark(path)
        if isinstance(value, dict):
            self.put("{ ")
            for place, (key, item) in enumerate(value.items()):
                self.put(", " if place else "")
                self.statement(key, item, path)
            self.put(" }")
        elif isinstance(value, list):
            self.put("[")
            for place, item in enumerate(value):
                self.gap()
                self.value(item, (*path, place))
                self.gap()
                self.put(",")
            self.gap()
            self.put("]")
        else:
            self.put(self.scalar(value))

    def statement(self, key, value, path):
        self.mark((*path, key))
        self.key(key)
        self.put(self.draw(st.sampled_from(["=", " = ", "\t="])))
        self.value(value, (*path, key))

    def scalar(self, value):
        if isinstance(value, bool):
            return str(value).lower()
        if not isinstance(value, str):
            return repr(value)
        styles = [quoted(value), '"""' + quoted(value)[1:-1].replace("\\n", "\n") + '"""']
        if "'" not in value:
            styles.append(f"'''{value}'''" if "\n" in value else f"'{value}'")
        return self.draw(st.sampled_from(styles))


def quoted(text):
    escapes = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t"}
    return '"' + "".join(escapes.get(c, c) for c in text) + '"'


@settings(derandomize=True, max_examples=150, deadline=None)
@given(st.data(), TABLES, st.dictionaries(KEYS, TABLES, max_size=3), st.lists(TABLES, max_size=3))
def test_every_key_of_any_document_is_found_on_its_line(data, top, tables, many):
    writer = Writer(data.draw)
    for key, value in top.items():
        writer.gap()
        writer.put("\n" * (not writer.text.endswith("\n")) if writer.text else "")
        writer.statement(key, value, ())
        writer.put("\n")
    for name, table in ((name, table) for name, table in tables.items() if name not in top and name != "many"):
        writer.mark((name,))
        writer.put("[ ")
        writer.key(name)
        writer.put(" ] # [no]\n")
        for key, value in table.items():
            writer.statement(key, value, (name,))
            writer.put("\n")
    for place, table in enumerate(many if "many" not in top else []):
        writer.mark(("many",))
        writer.mark(("many", place))
        writer.put("[[many]]\n")
        for key, value in table.items():
            writer.statement(key, value, ("many", place))
            writer.put("\n")
    tomllib.loads(writer.text)  # the text is TOML, or the test itself is wrong
    assert locate(writer.text) == writer.lines


@pytest.mark.parametrize(
    ("text", "path", "line"),
    [
        ("a.b.c = 1\na.b.d = 2", ("a", "b", "d"), 2),
        ("[a.b]\n[a]\nc = 1", ("a", "c"), 3),
        ("[[a]]\n[[a]]\n[a.b]\nc = 1", ("a", 1, "b", "c"), 4),
        ("[[a.b]]\n[[a.b]]\nx = 1", ("a", "b", 1, "x"), 3),
        ('["a.b"]\nc = 1', ("a.b", "c"), 2),
        ("a = '''\n''''\nb = 1", ("b",), 3),
        ('a = """\n\\"""\n"""\nb = 1', ("b",), 4),
        ('a = """x""""\nb = 1', ("b",), 2),
        ("a = 2027-06-30 01:02:03Z # b = 2\r\nb = 1", ("b",), 2),
        ("a = { b.c = 1 }\nd = 1", ("a", "b", "c"), 1),
        ("a = [\n  { b = 1 },\n  { b = 2 },\n]", ("a", 1, "b"), 3),
    ],
)
def test_forms_that_are_easily_got_wrong(text, path, line):
    tomllib.loads(text)
    assert locate(text)[path] == line
