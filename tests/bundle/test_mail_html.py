"""What HTML shows and what it hides."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roadworthy.bundle.html import read_page
from roadworthy.bundle.mail import parse_mail


@pytest.mark.parametrize(
    "hidden",
    [
        '<div style="display:none">XX</div>',
        '<div style="Display : NONE !important">XX</div>',
        '<span style="visibility:hidden">XX</span>',
        '<span style="font-size:0">XX</span>',
        '<span style="font-size: 1px;">XX</span>',
        '<span style="opacity:0">XX</span>',
        "<p hidden>XX</p>",
        '<font color="white">XX</font>',
        '<font color="#FEFEFE">XX</font>',
        '<span style="color:#fff">XX</span>',
        '<span style="color: rgb(255, 255, 255)">XX</span>',
        '<table bgcolor="#000080"><tr><td><font color="#000081">XX</font></td></tr></table>',
        '<div style="background-color:red"><span style="color:#f00">XX</span></div>',
    ],
)
def test_what_cannot_be_seen_is_no_text(hidden: str) -> None:
    page = read_page(f"<html><body>seen{hidden}too</body></html>")
    assert "XX" not in page.text
    assert page.hidden == 2


@pytest.mark.parametrize(
    "shown",
    [
        '<font color="#000">XX</font>',
        '<span style="font-size:0.9em">XX</span>',
        '<span style="font-size:10px">XX</span>',
        '<span style="font-size:1em">XX</span>',
        '<span style="opacity:0.8">XX</span>',
        '<table bgcolor="#000080"><tr><td><font color="white">XX</font></td></tr></table>',
        '<table background="dark.png"><tr><td><font color="white">XX</font></td></tr></table>',
        '<div style="background-color:black"><span style="color:white">XX</span></div>',
        "<noscript>XX</noscript>",
    ],
)
def test_what_can_be_seen_is_text(shown: str) -> None:
    page = read_page(f"<html><body>a {shown}</body></html>")
    assert "XX" in page.text
    assert page.hidden == 0


def test_words_cut_by_comments_and_tags_are_whole_and_blocks_are_apart() -> None:
    page = read_page("Vi<!-- x -->ag<b>ra</b><p>one</p><p>two</p><table><tr><td>a</td><td>b</td></tr></table><br>c")
    assert page.text.split() == ["Viagra", "one", "two", "a", "b", "c"]
    assert page.comments == 1


def test_a_link_that_shows_another_host_is_counted() -> None:
    page = read_page(
        '<a href="http://evil.example/x">www.bank.com</a> <a href="http://login.bank.com/">http://www.bank.com/</a>'
        '<a href="http://www.bank.com@evil.example">bank.com/login</a><a href="http://evil.example">click here</a>'
    )
    assert page.false_links == 2
    assert len(page.links) == 4


def test_scripts_forms_and_images_are_counted_and_no_text() -> None:
    page = read_page("<script>alert(1)</script><style>p{}</style><form action=/go><img src=a></form>words")
    assert (page.scripts, page.forms, page.images, page.text) == (1, 1, 1, "words")
    assert page.links == ["/go"]


@settings(derandomize=True, max_examples=300, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                "<div style='display:none'>",
                "</div>",
                "<p hidden>",
                "<script>",
                "</script>",
                "<!--",
                "-->",
                "<a href=x>",
                "w",
                "<font color=white>",
                "</font>",
                "<template>",
                "</template>",
                "<svg><title>",
                "<table><td hidden>",
                "<frameset>",
            ]
        )
        | st.text(max_size=8),
        max_size=40,
    ).map("".join)
)
def test_any_nesting_of_hidden_parts_is_read(source: str) -> None:
    page = read_page(source)
    assert page.hidden >= 0
    page.text.encode()


def test_html_that_claims_to_be_plain_is_read_as_html() -> None:
    mail = parse_mail(b"Content-Type: text/plain\n\n<html><b>words</b></html>")
    assert (mail.text, mail.html_chars) == ("words", 5)


def test_characters_without_width_are_counted_and_words_are_whole() -> None:
    mail = parse_mail("Subject: x\nContent-Type: text/plain; charset=utf-8\n\nvi\u200bag\u00adra".encode())
    assert (mail.text, mail.zero_width) == ("viagra", 2)
