"""A password is never printed, logged, stored or part of a fingerprint."""

import pickle
import traceback
from pathlib import Path
from urllib.parse import quote, urlsplit

import msgspec
import pytest

from roadworthy.declare.explain import guards, sentence
from roadworthy.declare.reading import parse_declaration
from roadworthy.kernel.errors import DeclarationError, SourceError
from roadworthy.kernel.fingerprint import fingerprint
from roadworthy.kernel.sealed import Sealed, shown, unsealed, without_secrets
from roadworthy.lifecycle.stage import unplaced

PASSWORD = "hunter2-é/@:!"
TOML = """
[problem]
name = "loans"
need = "n"
task = "binary"
unit = "u"
target = "repaid"
positive = "yes"
[[data.source]]
kind = "database"
url = "{url}"
table = "orders"
"""


def declaration(url: str, password: str = PASSWORD):
    return parse_declaration(
        TOML.format(url=url), name="roadworthy.toml", environment={"SHOP_PASSWORD": quote(password, safe="")}
    )


def holds(text: str, password: str = PASSWORD) -> bool:
    return password in text or quote(password, safe="") in text


def test_a_declaration_shows_what_was_written_wherever_it_is_shown():
    said = declaration("mysql://ada:${SHOP_PASSWORD}@127.0.0.1:1/shop")
    url = said.data.sources[0].options["url"]
    assert holds(unsealed(url))
    seen = [repr(said), str(url), f"{url}", repr(unplaced(said)), sentence(said), repr(guards(said))]
    seen.append(msgspec.json.encode(said, enc_hook=shown).decode())
    assert not any(holds(text) for text in seen)
    for careless in (msgspec.json.encode, msgspec.msgpack.encode, pickle.dumps):
        with pytest.raises(TypeError):
            careless(url)


def test_another_password_is_the_same_fingerprint():
    url = "mysql://ada:${SHOP_PASSWORD}@127.0.0.1:1/shop"
    one, other = declaration(url), declaration(url, "another")
    assert fingerprint(unplaced(one)) == fingerprint(unplaced(other))
    assert one == other


def test_a_password_in_the_open_is_refused_and_not_repeated():
    for url in ("mysql://ada:hunter2@host/shop", "postgresql://ada:x${SHOP_PASSWORD}@host/shop"):
        with pytest.raises(DeclarationError, match="password in the open") as caught:
            declaration(url)
        assert "hunter2" not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize("backend", ["mysql"], indirect=True)
def test_a_real_server_reads_with_it_and_nothing_keeps_it(shop, tmp_path, make):
    shop.run(
        "DROP USER IF EXISTS ada@'%'",
        f"CREATE USER ada@'%' IDENTIFIED BY '{PASSWORD}'",
        f"GRANT SELECT ON {shop.name}.* TO ada@'%'",
    )
    parts = urlsplit(shop.url)
    url = f"mysql://ada:${{SHOP_PASSWORD}}@{parts.hostname}:{parts.port}/{shop.name}"
    make.acquired(declaration(url), tmp_path)
    kept = b"".join(path.read_bytes() for path in (tmp_path / "out").iterdir())
    assert b"${SHOP_PASSWORD}" in kept
    assert not holds(kept.decode("latin-1"))
    assert PASSWORD.encode() not in kept

    wrong = "wrong-" + PASSWORD
    with pytest.raises(SourceError, match="cannot be opened") as caught:
        make.acquired(declaration(url, wrong), tmp_path)
    assert not holds("".join(traceback.format_exception(caught.value)), wrong)
    frames = [frame for frame, _ in traceback.walk_tb(caught.tb) if "/src/roadworthy/" in frame.f_code.co_filename]
    assert len(frames) > 2
    assert not any(holds(repr(frame.f_locals), wrong) for frame in frames)


def test_words_of_drivers_lose_what_they_repeat():
    said = f"cannot open mysql://ada:{PASSWORD}@host: '{PASSWORD}' and x://u:p@host"
    assert without_secrets(said, PASSWORD) == "cannot open mysql://***@host: '***' and x://***@host"


def test_a_sealed_text_is_an_ordinary_text_of_what_was_written(tmp_path: Path):
    sealed = Sealed("${A}/b", "secret/b")
    assert sealed == "${A}/b"
    assert {sealed: 1}["${A}/b"] == 1
    assert unsealed("plain") == "plain"
    with pytest.raises(TypeError, match="Path cannot be written"):
        shown(Path())
