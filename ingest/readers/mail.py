"""Mails: .eml by the standard library, .msg of Outlook by oxmsg; the text first, then each attachment by its own reader.

    headers → what the file says of itself, the subject as headline · text, else HTML → lines · attachments → like the
    members of an archive, each under its name

What an attachment holds never keeps the mail or the other attachments from being read.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parseaddr, parsedate_to_datetime

from ingest.decode import decode
from ingest.lines import Extracted, Line, Said, columns, tidy
from ingest.readers.html_metadata import BODY_OF_STATE
from ingest.readers.plain import read_lines
from vectorstore.errors import ReadError

MOST_ATTACHMENTS = 100
_MOST_PARTS = 1000
_DATED = re.compile(r"\d{4}年\d{1,2}月\d{1,2}日$")
_GB = ("gb2312", "gbk", "gb_2312-80", "x-gbk")
_NO_NAME = "(无名)"

Read = Callable[[bytes, str], Extracted]


@dataclass(frozen=True, slots=True)
class _Mail:
    """A mail, decoded."""

    subject: str
    sender: str
    date: datetime | None
    text: str
    html: bytes
    attachments: tuple[tuple[str, bytes], ...]


def read_eml(data: bytes, read: Read) -> list[Extracted]:
    """Return what the mail ``data`` holds: itself, then its attachments, which ``read`` reads. Raises ReadError."""
    message = message_from_bytes(data, policy=policy.default)
    if not isinstance(message, EmailMessage):
        raise ReadError("邮件已损坏,无法读取")
    parts = list(_parts(message))
    sender = _header(message, "From")
    mail = _Mail(
        subject=_header(message, "Subject"),
        sender=parseaddr(sender)[0] or sender,
        date=_date(_header(message, "Date")),
        text="\n".join(_text(part) for part in parts if _is_text(part, "plain")),
        html=next((_payload(part) for part in parts if _is_text(part, "html")), b""),
        attachments=tuple((_name(part), _payload(part)) for part in parts if _is_attached(part)),
    )
    return _extracted(mail, read)


def read_msg(data: bytes, read: Read) -> list[Extracted]:
    """Return what the Outlook mail ``data`` holds: itself, then its attachments, which ``read`` reads. Raises ReadError."""
    import struct

    from oxmsg import Message

    try:
        message = Message.load(data)
        attached = [(one.file_name or _NO_NAME, one.file_bytes) for one in message.attachments[:MOST_ATTACHMENTS]]
        mail = _Mail(
            subject=message.subject,
            sender=parseaddr(message.sender or "")[0],
            date=message.sent_date,
            text=message.body or "",
            html=(message.html_body or "").encode(),
            attachments=tuple((name, content) for name, content in attached if content),
        )
    except (ValueError, LookupError, OSError, AttributeError, TypeError, struct.error) as error:
        raise ReadError("MSG 邮件已损坏,无法读取;请在 Outlook 中另存后重试") from error
    if not (mail.text or mail.html or mail.attachments):
        raise ReadError("MSG 邮件没有可读的正文;请在 Outlook 中另存为文本后重试")
    return _extracted(mail, read)


def _extracted(mail: _Mail, read: Read) -> list[Extracted]:
    refused: list[str] = []
    found: list[Extracted] = []
    for name, content in mail.attachments[:MOST_ATTACHMENTS]:
        try:
            one = read(content, name)
            found.append(Extracted(one.lines, one.said, one.warnings, name))
        except ReadError as error:
            refused.append(f"附件 {name}:{error}")
    if len(mail.attachments) > MOST_ATTACHMENTS:
        refused.append(f"邮件有 {len(mail.attachments)} 个附件,只读取了前 {MOST_ATTACHMENTS} 个")
    body = _body(mail)
    if not body and not found:
        raise ReadError(";".join(["邮件没有正文", *refused]))
    subject = tidy(mail.subject)
    if subject:
        body.insert(0, Line(subject, columns(subject), False, 0, heading=True, whole=True))
    dated = any(_DATED.search(line.text) for line in body[-3:])
    said = Said(
        title=subject or None,
        issuer=mail.sender if BODY_OF_STATE.search(mail.sender) else None,
        date=mail.date.date().isoformat() if mail.date and not dated else None,
    )
    return [Extracted(tuple(body), said, tuple(refused)), *found]


def _body(mail: _Mail) -> list[Line]:
    if mail.text.strip() or not mail.html:
        return read_lines(mail.text)
    from ingest.readers.html import read_whole_page

    return read_whole_page(mail.html)


def _parts(message: EmailMessage) -> Iterator[EmailMessage]:
    """Yield the parts that hold something, in order, not those of a mail within the mail."""
    waiting = [message]
    for _ in range(_MOST_PARTS):
        if not waiting:
            return
        part = waiting.pop()
        if part.is_multipart() and part.get_content_maintype() == "multipart":
            inner = [one for one in part.iter_parts() if isinstance(one, EmailMessage)]
            waiting += reversed(inner)
        else:
            yield part


def _is_text(part: EmailMessage, kind: str) -> bool:
    return not part.is_attachment() and not part.get_filename() and part.get_content_type() == f"text/{kind}"


def _is_attached(part: EmailMessage) -> bool:
    """Whether ``part`` is a file that somebody attached; a picture that the text shows is none."""
    if part.get_content_type() == "message/rfc822":
        return True
    return part.is_attachment() or (bool(part.get_filename()) and part.get_content_maintype() != "image")


def _name(part: EmailMessage) -> str:
    if part.get_content_type() == "message/rfc822":
        return "转发的邮件.eml"
    name = _repaired(part.get_filename() or "").replace("\\", "/").rpartition("/")[2]
    return "".join(char for char in name if char.isprintable()) or _NO_NAME


def _payload(part: EmailMessage) -> bytes:
    if part.get_content_type() == "message/rfc822":
        inner = part.get_payload()
        return inner[0].as_bytes() if isinstance(inner, list) and isinstance(inner[0], EmailMessage) else b""
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _text(part: EmailMessage) -> str:
    content = _payload(part)
    declared = (part.get_content_charset() or "utf-8").lower()
    try:
        return content.decode("gb18030" if declared in _GB else declared)
    except (UnicodeDecodeError, LookupError):  # a wrong declaration: the bytes decide
        return decode(content)


def _header(message: EmailMessage, name: str) -> str:
    """Return a header, decoded; one that was sent in the code page of its writer is repaired."""
    raw = next((str(value) for key, value in message.raw_items() if key.lower() == name.lower()), "")
    if not raw.isascii():
        return " ".join(_repaired(raw).split())
    try:
        return str(message.get(name, ""))
    except (ValueError, LookupError, IndexError):  # the standard library stumbles over some broken headers
        return ""


def _repaired(text: str) -> str:
    """Return ``text``, whose bytes the standard library kept, in the encoding that they have."""
    raw = text.encode("utf-8", "surrogateescape")
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode("utf-8", "replace")


def _date(text: str) -> datetime | None:
    try:
        return parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError):
        return None
