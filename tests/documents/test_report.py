import re
from html.parser import HTMLParser

import pytest

from roadworthy.documents.report import render_report
from roadworthy.kernel.limits import Verdict


class Page(HTMLParser):
    """Tags, attributes and text, and whether every tag is closed."""

    VOID = frozenset({"meta", "br", "img", "link", "hr"})

    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes, self.words, self.open = [], [], [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag):
        assert self.open, tag
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)


@pytest.fixture(scope="module")
def pages(examples):
    return {name: render_report(c, e, t, facts=f) for name, (c, e, t, f) in examples.items()}


NAMES = ["passing", "doubtful", "refused", "waived", "hostile"]


@pytest.mark.parametrize("name", NAMES)
def test_a_page_is_whole_and_asks_the_network_for_nothing(pages, name):
    page = Page(pages[name])
    assert page.open == []
    assert not {"script", "link", "img", "iframe", "object", "form", "base"} & set(page.tags)
    for key, value in page.attributes:
        assert not key.startswith("on")
        assert key not in ("src", "href", "srcset", "xlink:href"), value
    style = re.search(r"<style>(.*?)</style>", pages[name], re.DOTALL)[1]
    assert not re.search(r"url\(|@import|https?:", style)


@pytest.mark.parametrize("name", NAMES)
def test_every_picture_has_words_and_finite_places(pages, name):
    page = Page(pages[name])
    drawings = re.findall(r"<svg ([^>]*)>", pages[name])
    assert len(drawings) >= 5
    assert all('role="img"' in drawing and "aria-label=" in drawing for drawing in drawings)
    places = {"x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "r", "width", "height", "points", "viewBox"}
    for key, value in page.attributes:
        if key in places and value != "device-width":
            assert all(abs(float(part)) < 5000 for part in re.split(r"[ ,]+", value) if part), (key, value)


@pytest.mark.parametrize(
    ("name", "verdict", "first", "then"),
    [
        ("passing", Verdict.PASS, "Roadworthy", "All 7 requirements hold"),
        ("doubtful", Verdict.CANNOT_TELL, "Cannot be told yet", "more rows would decide"),
        ("refused", Verdict.FAIL, "Not roadworthy", "not met"),
        ("waived", Verdict.PASS, "Roadworthy by waiver", "Ada Byron answers for 1 finding"),
    ],
)
def test_the_verdict_comes_first_in_plain_words(examples, pages, name, verdict, first, then):
    assert examples[name][0].verdict is verdict
    assert f"<h1>{first}</h1>" in pages[name]
    top = pages[name][: pages[name].index('<section id="requirements">')]
    assert then in top
    assert examples[name][0].sentence.split(";")[0].replace("'", "&#39;") in top


def test_only_what_may_drive_gets_a_date_on_its_plaque(pages):
    assert 'class="year"' in pages["passing"]
    assert "28 February 2027" in pages["waived"][: pages["waived"].index("requirements")]
    for name in ("doubtful", "refused"):
        assert 'class="year"' not in pages[name]
        assert "not issued for the road" in pages[name]


def test_each_requirement_is_shown_with_what_was_found(examples, pages):
    text = " ".join(Page(pages["refused"]).words)
    for words in ("Recall", "required ≥ 97 %", "Fails", "Gap in error rates", "Cannot be told: about"):
        assert words in text
    order = [pages["refused"].index(f'<li class="{kind}') for kind in ("fail", "doubt", "pass")]
    assert order == sorted(order)


def test_every_section_that_has_evidence_is_there(pages):
    for name in ("requirements", "cycle", "measures", "curves", "baselines", "slices", "search", "findings", "data"):
        assert f'id="{name}"' in pages["passing"], name
    assert 'id="groups"' in pages["refused"]
    assert 'id="waivers"' in pages["waived"]
    assert 'id="doubts"' in pages["doubtful"]
    for name in ("groups", "waivers"):
        assert f'id="{name}"' not in pages["passing"]


def test_waivers_name_who_why_and_until_when(pages):
    words = " ".join(" ".join(Page(pages["waived"]).words).split())
    for said in (
        "Ada Byron",
        "a pilot with forty users who can see what was filtered",
        "performance.false_positive_rate",
    ):
        assert said in words


def test_what_people_and_data_say_cannot_become_part_of_the_page(pages):
    page = Page(pages["hostile"])
    assert "script" not in page.tags
    assert "alert(" in " ".join(page.words)
    assert "{{7*7}}" in " ".join(page.words)
    assert "<script" not in pages["hostile"]
    assert "<img" not in pages["hostile"]


def test_a_page_without_search_stages_or_curves_is_whole(examples):
    certificate, evaluation, _, facts = examples["passing"]
    bare = type(evaluation)(metrics={}, confusion={}, curves={})
    plain = type(facts)(problem=facts.problem, costs=facts.costs, snapshot=facts.snapshot)
    page = Page(render_report(certificate, bare, [], facts=plain))
    assert page.open == []
    assert "Roadworthy" in " ".join(page.words)


def test_the_same_evidence_gives_the_same_page(examples):
    certificate, evaluation, trials, facts = examples["refused"]
    one, two = (render_report(certificate, evaluation, trials, facts=facts) for _ in range(2))
    assert one == two
