"""The pages of the documentation as data: their text, words in code, headings, fenced blocks."""

import re
from dataclasses import dataclass
from pathlib import Path

import pytest
from markdown.extensions.toc import slugify

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
_FENCE = re.compile(r"^( *)```([\w-]*)[^\n]*\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"`([^`\n]+)`")
_HEADING = re.compile(r"^(#{1,6}) (.+?)$", re.MULTILINE)
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, its text, and the line of the page where the text begins."""

    language: str
    text: str
    line: int


@dataclass(frozen=True)
class Page:
    """One Markdown file."""

    path: Path
    text: str

    @property
    def name(self) -> str:
        return str(self.path.relative_to(ROOT))

    @property
    def blocks(self) -> list[Block]:
        return [
            Block(found[2], found[3], self.text.count("\n", 0, found.start(3)) + 1)
            for found in _FENCE.finditer(self.text)
        ]

    @property
    def prose(self) -> str:
        return _FENCE.sub("", self.text)

    @property
    def words(self) -> set[str]:
        """What stands in backticks in the prose."""
        return set(_CODE.findall(self.prose))

    @property
    def anchors(self) -> set[str]:
        plain = (_CODE.sub(r"\1", heading) for _, heading in _HEADING.findall(self.prose))
        return {slugify(heading, "-") for heading in plain}

    @property
    def links(self) -> list[str]:
        return _LINK.findall(_CODE.sub("", self.prose))

    def section(self, title: str) -> str:
        """The text under the heading that is exactly this, up to the next of its depth or above; empty if none."""
        found = [heading for heading in _HEADING.finditer(self.text) if heading[2].strip() == title]
        if not found:
            return ""
        depth, begin = len(found[0][1]), found[0].end()
        after = [h.start() for h in _HEADING.finditer(self.text, begin) if len(h[1]) <= depth]
        return self.text[begin : after[0] if after else len(self.text)]


def _read(file: Path) -> Page:
    return Page(file, file.read_text("utf-8"))


PAGES = [_read(file) for file in (*sorted(DOCS.rglob("*.md")), ROOT / "README.md", ROOT / "CHANGELOG.md")]
"""Every page of `docs/`, and the files beside it that a code host shows."""


def pytest_generate_tests(metafunc):
    """`found`: each page in turn; `toml`: each block of TOML in turn."""
    if "found" in metafunc.fixturenames:
        metafunc.parametrize("found", PAGES, ids=lambda found: found.name)
    if "toml" in metafunc.fixturenames:
        blocks = [(page.name, block) for page in PAGES for block in page.blocks if block.language == "toml"]
        metafunc.parametrize("toml", blocks, ids=[f"{name}:{block.line}" for name, block in blocks])


@pytest.fixture(scope="session")
def pages() -> list[Page]:
    return PAGES


@pytest.fixture(scope="session")
def page():
    """One page of `docs/` by its name."""
    return lambda name: next(found for found in PAGES if found.path == DOCS / name)


@pytest.fixture(scope="session")
def words_of_all() -> set[str]:
    """Words in code on every page that explains something: the lists of work and of changes explain nothing."""
    told = (found for found in PAGES if found.path.name not in ("coverage.md", "CHANGELOG.md"))
    return set().union(*(found.words for found in told))
