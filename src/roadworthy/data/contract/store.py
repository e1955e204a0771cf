"""Contracts as files: TOML that people read and edit, or JSON; whatever does not fit is refused with its place."""

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from roadworthy.data.contract.terms import Contract
from roadworthy.kernel.errors import DataError, SourceError
from roadworthy.kernel.files import write_atomically

FORMAT = "roadworthy contract 1"
_MOST_BYTES = 64 << 20
_LINE = 100


def write_contract(contract: Contract, path: Path) -> None:
    """Freeze a contract in a file; `.json` is JSON, all else TOML. The same contract gives the same bytes.

    Raises:
        PlaceError: if the file cannot be written.
    """
    body = {"format": FORMAT, **msgspec.to_builtins(contract)}
    if path.suffix.lower() == ".json":
        write_atomically(path, msgspec.json.format(msgspec.json.encode(body), indent=2) + b"\n")
    else:
        write_atomically(path, ("\n".join(_lines(body)) + "\n").encode())


def read_contract(path: Path) -> Contract:
    """A contract from its file.

    Raises:
        SourceError: if the file is not there, is no TOML or JSON, or is of a later format.
        DataError: if it says what a contract cannot say.
    """
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise SourceError("the contract is larger than 64 MiB", where=str(path), fix="list values in a file beside")
        text = path.read_text(encoding="utf-8")
        body = msgspec.json.decode(text) if path.suffix.lower() == ".json" else tomllib.loads(text)
    except OSError as err:
        raise SourceError(
            f"there is no contract: {err.strerror}", where=str(path), fix="correct the path; it is relative"
        ) from err
    except (UnicodeDecodeError, msgspec.DecodeError, tomllib.TOMLDecodeError) as err:
        raise SourceError(f"the contract cannot be read: {err}", where=str(path), fix="mend the line") from err
    return contract_of(body, where=str(path))


def contract_of(body: Any, *, where: str) -> Contract:
    """A contract from what its file holds.

    Raises:
        SourceError: if it is of another format.
        DataError: if a key is not known or a value does not fit; the message names it.
    """
    if not isinstance(body, dict) or body.get("format") != FORMAT:
        said = body.get("format") if isinstance(body, dict) else None
        raise SourceError(
            f"this is no contract that we know (format {said!r})",
            where=where,
            fix=f'it begins with format = "{FORMAT}"',
        )
    stated = {key: value for key, value in body.items() if key != "format"}
    try:
        return msgspec.convert(stated, Contract)
    except msgspec.ValidationError as err:
        raise DataError(f"the contract says what it cannot: {err}", where=where, fix="see docs/contracts.md") from err


def _lines(table: Mapping[str, Any], path: tuple[str, ...] = ()) -> Iterator[str]:
    """TOML: plain keys first, then each table under its own heading."""
    plain = {key: value for key, value in table.items() if not _is_table(value)}
    if path and (plain or not table):
        yield ""
        yield f"[{'.'.join(map(_key, path))}]"
    for key, value in plain.items():
        yield f"{_key(key)} = {_value(value)}"
    for key, value in table.items():
        if _is_table(value):
            yield from _lines(value, (*path, key))


def _is_table(value: Any) -> bool:
    """Records of plain values stand on one line; all else has a heading."""
    return isinstance(value, dict) and (
        not value or any(isinstance(item, dict) for item in value.values()) or _wide(value)
    )


def _wide(table: Mapping[str, Any]) -> bool:
    return not set(table) <= {"rows", "broken", "risk", "path", "column"}


def _key(key: str) -> str:
    plain = key.isascii() and key.replace("-", "").replace("_", "").isalnum()
    return key if plain else _text(key)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f"'{value}'" if "\\" in value and "'" not in value and value.isprintable() else _text(value)
    if isinstance(value, float):
        return repr(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{_key(key)} = {_value(item)}" for key, item in value.items()) + " }"
    if isinstance(value, list | tuple):
        return _list([_value(item) for item in value])
    return repr(value)


def _list(items: list[str]) -> str:
    line = "[" + ", ".join(items) + "]"
    return line if len(line) <= _LINE else "[\n" + "".join(f"  {item},\n" for item in items) + "]"


def _text(text: str) -> str:
    """A TOML basic string; JSON escapes are TOML's but for DEL."""
    return msgspec.json.encode(text).decode().replace("\x7f", "\\u007f")
