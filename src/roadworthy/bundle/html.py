"""HTML as a reader sees it, and the tricks by which it shows one thing and holds another."""

import re

from msgspec import Struct
from selectolax.lexbor import LexborHTMLParser, LexborNode

from roadworthy.bundle.domains import host_of, registered_domain, shown_host

_LONGEST = 1_000_000
# The tree's cost is quadratic in depth (100,000 nested elements take 13 s): what comes after is read without a tree.
_MOST_TAGS = 6_000
_MOST_STYLED = 3_000
_UPWARD = 30
_LONGEST_STYLE = 500
_MARK = "data-not-shown"
_BLOCK = re.compile(
    r"(?i)<(?=/?(?:address|article|blockquote|body|br|center|dd|div|dl|dt|form|h[1-6]|hr|input|li|ol|option|p|pre|section|"
    r"select|table|td|th|title|tr|ul|img)\b)"
)
_TAG = re.compile(r"<[^<>]*>")
_SPACES = re.compile(r"[ \t\r\f\v\xa0]+")
_HIDING_STYLE = re.compile(
    r"(?i)display\s*:\s*none|visibility\s*:\s*hidden|opacity\s*:\s*0(?:\.0*)?\s*(?:;|$)|mso-hide\s*:\s*all|"
    r"font-size\s*:\s*(?:0(?:\.0*)?\s*(?:px|pt|em|rem|%)?\s*(?:;|!|$)|[01](?:\.\d+)?\s*(?:px|pt))"
)
_FONT_COLOUR = re.compile(r"(?i)(?:^|[;\s])color\s*:\s*([^;]+)")
_BACK_COLOUR = re.compile(r"(?i)background(?:-color)?\s*:\s*([^;]+)")
_NAMED = {"white": 0xFFFFFF, "black": 0, "red": 0xFF0000, "blue": 0xFF, "yellow": 0xFFFF00, "green": 0x8000}
_HEX = re.compile(r"#?([0-9a-f]{6}|[0-9a-f]{3})(?![0-9a-f])")
_RGB = re.compile(r"rgba?\(\s*(\d{1,3})[\s,]+(\d{1,3})[\s,]+(\d{1,3})")
_WHITE = 0xFFFFFF
_NEAR = 12
_SHORT_HEX = 3
_LONGEST_WORDS = 300


class Page(Struct, frozen=True, kw_only=True):
    """What one HTML part shows and does.

    Attributes:
        text: visible text.
        links: addresses of anchors, areas and forms, in order.
        hidden: characters that are there and cannot be seen.
        comments: comments that cut a word in two.
        false_links: anchors whose words name another domain than they lead to.
    """

    text: str
    links: list[str]
    hidden: int = 0
    comments: int = 0
    false_links: int = 0
    images: int = 0
    forms: int = 0
    scripts: int = 0


def read_page(source: str) -> Page:
    """Read HTML of any quality; at most 1,000,000 characters of it.

    Style sheets are not applied: text hidden by a class alone counts as visible.

    >>> page = read_page('<p>V<!-- x -->ia<b>gra</b><font color="#fff">good words</font><p>now')
    >>> page.text, page.hidden, page.comments
    ('Viagra now', 10, 1)
    """
    bare, comments = _without_comments(source[:_LONGEST])
    head, rest = _first_tags(bare)
    tree = LexborHTMLParser(_BLOCK.sub(" <", head))
    links, false_links = _links(tree)
    scripts = tree.css("script")
    images, forms = len(tree.css("img")), len(tree.css("form"))
    hidden = _remove_unseen(tree)
    text = tree.body.text(separator="") if tree.body else ""
    if rest:
        text += " " + _TAG.sub(" ", rest)
    return Page(
        text=_SPACES.sub(" ", text).strip(),
        links=links,
        hidden=hidden,
        comments=comments,
        false_links=false_links,
        images=images,
        forms=forms,
        scripts=len(scripts),
    )


def looks_like_html(text: str) -> bool:
    """Whether text that claims to be plain begins as HTML does."""
    return text[:400].lstrip()[:5].lower() in ("<html", "<!doc")


def _without_comments(source: str) -> tuple[str, int]:
    """The source without comments, and how many of them cut a word. One pass: comments left open cost nothing."""
    kept: list[str] = []
    cuts = start = 0
    while (begin := source.find("<!--", start)) >= 0:
        end = source.find("-->", begin + 4)
        if end < 0:
            break
        kept.append(source[start:begin])
        start = end + 3
        cuts += source[begin - 1 : begin].isalnum() and source[start : start + 1].isalnum()
    return "".join(kept) + source[start:], cuts


def _first_tags(source: str) -> tuple[str, str]:
    if source.count("<") <= _MOST_TAGS:
        return source, ""
    place = 0
    for _ in range(_MOST_TAGS):
        place = source.find("<", place) + 1
    return source[: place - 1], source[place - 1 :]


def _links(tree: LexborHTMLParser) -> tuple[list[str], int]:
    links: list[str] = []
    false = 0
    for node in tree.css("a[href],area[href],form[action]"):
        attributes = node.attributes
        target = (attributes.get("href") or attributes.get("action") or "").strip()
        if target and not target.startswith("#"):
            links.append(target)
            if node.tag == "a" and len(links) <= _MOST_STYLED:
                false += _is_false(node.text(separator="")[:_LONGEST_WORDS].strip(), target)
    return links, false


def _is_false(words: str, target: str) -> bool:
    shown, leads_to = shown_host(words), host_of(target)
    return bool(shown and leads_to) and registered_domain(shown) != registered_domain(leads_to)


def _remove_unseen(tree: LexborHTMLParser) -> int:
    """Take out what a reader cannot see; the number of hidden characters, scripts and style sheets not counted."""
    for node in tree.css("script,style,template"):
        node.attrs[_MARK] = "code"
    for node in tree.css("[style],[hidden],font[color]")[:_MOST_STYLED]:
        if node.tag not in ("body", "html") and _is_hidden(node):
            node.attrs[_MARK] = "hidden"
    # A node inside a removed one is freed with it: only the outermost may be removed.
    for node in tree.css(f"[{_MARK}] [{_MARK}]"):
        del node.attrs[_MARK]
    hidden = 0
    for node in tree.css(f"[{_MARK}]"):
        if node.attributes.get(_MARK) == "hidden":
            hidden += len(node.text(separator="").strip())
        node.decompose()
    return hidden


def _is_hidden(node: LexborNode) -> bool:
    attributes = node.attributes
    style = (attributes.get("style") or "")[:_LONGEST_STYLE]
    if "hidden" in attributes or (style and _HIDING_STYLE.search(style)):
        return True
    declared = _FONT_COLOUR.search(style)
    ink = _colour(declared[1] if declared else attributes.get("color") or "")
    if ink is None:
        return False
    paper = _paper(node)
    return paper is not None and _distance(ink, paper) <= _NEAR


def _paper(node: LexborNode) -> int | None:
    """The colour behind a node; white where nobody says; None where a picture or an unknown colour lies behind."""
    current: LexborNode | None = node
    for _ in range(_UPWARD):
        if current is None:
            break
        attributes = current.attributes
        declared = _BACK_COLOUR.search((attributes.get("style") or "")[:_LONGEST_STYLE])
        stated = declared[1] if declared else attributes.get("bgcolor")
        if stated or attributes.get("background"):
            return _colour(stated or "")
        current = current.parent
    return _WHITE


def _colour(stated: str) -> int | None:
    text = stated[:40].strip(" \"'").lower()
    if text in _NAMED:
        return _NAMED[text]
    if found := _RGB.match(text):
        red, green, blue = (min(int(part), 255) for part in found.groups())
        return red << 16 | green << 8 | blue
    hexed = _HEX.match(text)
    if not hexed:
        return None
    digits = hexed[1] if len(hexed[1]) > _SHORT_HEX else "".join(digit * 2 for digit in hexed[1])
    return int(digits, 16)


def _distance(one: int, other: int) -> int:
    return max(abs((one >> shift & 255) - (other >> shift & 255)) for shift in (0, 8, 16))
