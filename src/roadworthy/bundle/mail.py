"""A raw RFC 5322 message as a record. Used when data are acquired and when the model answers: one code, two moments."""

from msgspec import Struct


class Mail(Struct, frozen=True, kw_only=True):
    """One message, tolerant of everything.

    Attributes:
        message_id: without angle brackets; empty if there is none.
        date: UTC seconds of the Date header; received: of the topmost plausible Received header; None if missing.
        time: `received`, else `date`; what records are ordered by.
        from_name, from_address, from_domain: of the first sender; the domain is the registered one (`example.co.uk`).
        reply_domain: registered domain of Reply-To; empty if there is none.
        message_id_domain: registered domain behind the @ of the Message-ID.
        to_addresses: of To and Cc.
        subject: decoded. text: plain parts and visible text of HTML parts, at most 1,000,000 characters each.
        headers: lower-case header names in order. list_headers: `name:value` of headers that mailing lists add.
        links: at most 200 addresses from text and HTML. attachments: `content/type:extension`.
        charset_notes: what had to be guessed, such as `unknown charset gb-2312`. defects: MIME defects counted.
        html_*: what the HTML did: characters hidden from the reader, comments inside words, links that show another
            host than they lead to, images, forms, scripts.
    """

    message_id: str
    date: float | None
    received: float | None
    time: float | None
    from_name: str
    from_address: str
    from_domain: str
    reply_domain: str
    message_id_domain: str
    to_addresses: list[str]
    subject: str
    text: str
    headers: list[str]
    list_headers: list[str]
    mailer: str
    content_type: str
    transfer_encoding: str
    links: list[str]
    link_count: int
    attachments: list[str]
    size: int
    parts: int
    received_count: int
    plain_chars: int
    html_chars: int
    html_hidden_chars: int
    html_comments: int
    html_false_links: int
    html_images: int
    html_forms: int
    html_scripts: int
    zero_width: int
    charset_notes: list[str]
    defects: int
