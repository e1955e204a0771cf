"""One PDF read with PDFium: its text page by page, and what it says of itself."""

from typing import Any

import pypdfium2

from roadworthy.data.media.trouble import TroubleError, seems
from roadworthy.data.media.words import Reading, dated

_HEAD = 1_024
_METADATA = {"Title": "title", "Author": "author"}


def read_pdf(data: bytes, *, most_pages: int, most_characters: int) -> Reading:
    """The text of a PDF, pages parted by form feeds.

    Args:
        data: the whole file.
        most_pages, most_characters: what it may have.

    Raises:
        TroubleError: if it is no PDF, damaged, encrypted or too long.
    """
    if b"%PDF-" not in data[:_HEAD]:
        raise TroubleError(f"it is no PDF, but {seems(data)}")
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as err:
        encrypted = "password" in str(err).lower()
        raise TroubleError("it is encrypted" if encrypted else f"it is damaged ({_said(err)})") from err
    try:
        if len(document) > most_pages:
            raise TroubleError(f"it has {len(document):,} pages, more than {most_pages:,}", check="data.hostile")
        pages = [_page(document, number) for number in range(len(document))]
        said = {name: document.get_metadata_dict().get(key, "") for key, name in _METADATA.items()}
        created = dated(document.get_metadata_dict().get("CreationDate", ""))
    finally:
        document.close()
    if sum(map(len, pages)) > most_characters:
        raise TroubleError(f"it has more than {most_characters:,} characters", check="data.hostile")
    return Reading(
        format="pdf",
        text="\f".join(pages),
        pages=len(pages),
        empty_pages=sum(not page.strip() for page in pages),
        title=said["title"],
        author=said["author"],
        created=created,
    )


def _page(document: Any, number: int) -> str:
    try:
        page = document[number]
        try:
            text: str = page.get_textpage().get_text_range()
        finally:
            page.close()
    except pypdfium2.PdfiumError as err:
        raise TroubleError(f"its page {number + 1} is damaged ({_said(err)})") from err
    return text.replace("\r\n", "\n")


def _said(err: Exception) -> str:
    return str(err).rstrip(".")
