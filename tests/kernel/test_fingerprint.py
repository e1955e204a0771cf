"""The same content has the same address."""

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from roadworthy.kernel.fingerprint import fingerprint, sha256_tree

json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)


@settings(derandomize=True)
@given(st.dictionaries(st.text(max_size=4), json_values, max_size=6))
def test_key_order_does_not_matter(value: dict[str, object]) -> None:
    assert fingerprint(value) == fingerprint(dict(reversed(value.items())))


def test_every_file_counts_but_those_left_out(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("a")
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "b").write_text("b")
    before, files = sha256_tree(tmp_path)
    assert set(files) == {"a", "inner/b"}
    (tmp_path / "certificate.json").write_text("{}")
    assert sha256_tree(tmp_path, leave_out=frozenset({"certificate.json"}))[0] == before
    (tmp_path / "inner" / "b").write_text("c")
    assert sha256_tree(tmp_path, leave_out=frozenset({"certificate.json"}))[0] != before
