"""A message before it is written down."""

from dataclasses import dataclass, field

from roadworthy.data.simulated.world import Person


@dataclass
class Draft:
    """What a message says, who sends it, and how it is dressed.

    Attributes:
        kind: work, list, notice, receipt, newsletter, personal, or the name of a campaign.
        truth: `spam` or `ham`.
        sent: UTC seconds of the Date header; received: when our side took it.
        html: whether there is an HTML part; plain: whether there is a text part beside it.
        false_links: links of the HTML part show another host than they lead to.
        hidden: words that the HTML part hides from the reader.
        attachments: file names; their content is made up.
    """

    kind: str
    truth: str
    sender: Person
    to: tuple[Person, ...]
    subject: str
    body: str
    sent: float
    received: float
    message_id: str = ""
    reply_to: str = ""
    references: tuple[str, ...] = ()
    html: bool = False
    plain: bool = True
    false_links: bool = False
    hidden: str = ""
    attachments: tuple[str, ...] = ()
    mailer: str = ""
    headers: tuple[tuple[str, str], ...] = field(default=())
    relay: str = ""
