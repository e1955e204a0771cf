"""The documentation is sound: code runs, declarations are read, links lead somewhere, the site is built."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import click
import yaml

from roadworthy.cli.verbs import EVERY_VERB, VERBS
from roadworthy.declare.reading import parse_declaration
from roadworthy.kernel.catalogue import resolve

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
LANGUAGES = {"python", "toml", "bash", "text", "console", "json", ""}
COMMAND = re.compile(r"(?:^|[`$] ?)roadworthy (data [a-z]+|[a-z]+)([^`#\n]*)", re.MULTILINE)
TARGET = re.compile(r"(?:^|`)make ([a-z-]+)", re.MULTILINE)


def _code(found):
    """Fenced blocks, and what stands in backticks."""
    return "\n".join([*(block.text for block in found.blocks), *(f"`{word}`" for word in found.words)])


def test_every_block_says_its_language(found):
    assert {block.language for block in found.blocks} <= LANGUAGES


def test_python_on_a_page_runs_from_top_to_bottom(found, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    space = {"__name__": "page"}
    for block in found.blocks:
        if block.language == "python":
            code = "\n" * (block.line - 1) + block.text
            exec(compile(code, found.name, "exec"), space)  # noqa: S102  # our own pages


def test_toml_on_a_page_is_read(toml):
    name, block = toml
    tomllib.loads(block.text)
    if "[problem]" in block.text:
        parse_declaration(block.text, name=name, environment={"ROADWORTHY_DATA": "/data", "HOME": "/home/ada"})


def test_links_lead_somewhere(found, pages):
    by_path = {other.path: other for other in pages}
    for link in found.links:
        if link.startswith(("http:", "https:", "mailto:")):
            continue
        place, _, anchor = link.partition("#")
        target = (found.path.parent / place).resolve() if place else found.path
        assert target.exists(), f"{found.name} links {link}, which is not there"
        assert not anchor or anchor in by_path[target].anchors, f"{found.name} links {link}: no such heading"


def test_commands_on_a_page_exist(found):
    for verb, rest in COMMAND.findall(_code(found)):
        assert verb in EVERY_VERB, f"{found.name}: there is no verb {verb!r}"
        known = {name for option in resolve(EVERY_VERB[verb][0]).params for name in option.opts} | {"--help"}
        asked = set(re.findall(r"(?<!\S)--[a-z-]+", rest))
        assert asked <= known, f"{found.name}: roadworthy {verb} has no {asked - known}"


def test_targets_on_a_page_exist(found):
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(TARGET.findall(_code(found))) <= targets


def test_scripts_on_a_page_exist(found):
    for script in re.findall(r"\bpython ((?:benchmarks|examples)/\S+\.py)", _code(found)):
        assert (ROOT / script).is_file(), f"{found.name} names {script}"


def _leaves(nav):
    for entry in nav:
        for value in entry.values() if isinstance(entry, dict) else [entry]:
            yield from _leaves(value) if isinstance(value, list) else [value]


def test_every_page_is_in_the_navigation_once():
    nav = yaml.safe_load((ROOT / "mkdocs.yml").read_text())["nav"]
    assert sorted(_leaves(nav)) == sorted(str(file.relative_to(DOCS)) for file in DOCS.rglob("*.md"))


def test_the_site_is_built_without_a_warning(tmp_path: Path):
    site = tmp_path / "site"
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(site)],
        cwd=ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert (site / "index.html").is_file()


def test_the_command_line_lists_what_the_page_lists():
    listed = re.findall(r"^\| \[`(\w+)`\]", (DOCS / "commands.md").read_text(), re.MULTILINE)
    assert listed == list(VERBS)


def test_a_wrong_command_on_a_page_would_be_seen():
    assert [verb for verb, _ in COMMAND.findall("`roadworthy relase x`\nroadworthy run --fast")] == ["relase", "run"]
    assert "--fast" not in {name for option in resolve(VERBS["run"][0]).params for name in option.opts}
    assert isinstance(resolve(VERBS["run"][0]), click.Command)
