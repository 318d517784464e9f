"""Mails: headers say what the document is, text and attachments are read, and no code stands in the text."""

import zipfile
from datetime import UTC, datetime
from email.message import EmailMessage
from io import BytesIO

import pytest
from outlook import outlook
from test_readers_office import p, word

from ingest.readers import SUFFIXES
from ingest.readers.detect import Format, detect
from ingest.reading import Part, read_parts
from vectorstore.errors import ReadError

SUBJECT = "关于报送巡查台账的通知"
BODY = "各村(居)：\n一、请于6月20日前报送巡查台账。\n二、逾期不报的，予以通报。\n"
SENT = datetime(2026, 6, 2, 1, tzinfo=UTC)


def mail(*, html: bool = False, charset: str = "utf-8", sender: str = "青石市水务局 <a@example.cn>") -> EmailMessage:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = sender, "b@example.cn", SUBJECT
    made["Date"] = SENT
    if html:
        paragraphs = "".join(f"<p>{line}</p>" for line in BODY.splitlines())
        made.set_content(f"<html><body><style>p{{}}</style>{paragraphs}</body></html>", subtype="html", charset=charset)
    else:
        made.set_content(BODY, charset=charset)
    return made


def read(data: bytes, name: str = "来文.eml") -> list[Part]:
    return read_parts(data, name)


@pytest.mark.parametrize("html", [False, True])
@pytest.mark.parametrize("charset", ["utf-8", "gb2312"])
def test_a_mail_is_its_subject_its_text_and_its_headers(html: bool, charset: str) -> None:
    [(document, units, _chunks)] = read(mail(html=html, charset=charset).as_bytes())
    assert (document.title, document.issuer, document.date) == (SUBJECT, "青石市水务局", "2026-06-02")
    assert [unit.text for unit in units if unit.locator in (("一",), ("二",))] == [
        "一、请于6月20日前报送巡查台账。",
        "二、逾期不报的，予以通报。",
    ]
    assert not any(word in document.text for word in ("example", "MIME", "base64", "{}"))


def test_a_person_is_no_issuer_and_raw_headers_are_read() -> None:
    head = f"From: 王某 <a@example.cn>\r\nTo: b\r\nSubject: {SUBJECT}\r\n\r\n{BODY}".encode("gb18030")
    [(document, _units, _chunks)] = read(head)
    assert (document.title, document.issuer) == (SUBJECT, None)
    assert "6月20日" in document.text


def test_attachments_are_documents_under_their_names_and_what_cannot_be_read_is_told() -> None:
    made = mail()
    made.add_attachment(
        word(p("青石市巡查办法") + p("第一条 每周巡查一次。") + p("第二条 本办法自公布之日起施行。")),
        maintype="application",
        subtype="octet-stream",
        filename="巡查办法.docx",
    )
    made.add_attachment(b"\x7fELF\0\0", maintype="application", subtype="octet-stream", filename="工具.bin")
    made.add_attachment(mail().as_bytes(), maintype="application", subtype="octet-stream", filename="旧信.eml")
    text, attached = read(made.as_bytes())
    assert attached[0].source == "来文.eml!/巡查办法.docx"
    assert attached[0].title == "青石市巡查办法"
    assert [unit.locator for unit in attached[1]][1:] == [("第一条",), ("第二条",)]
    assert len(text[0].warnings) == 2
    assert "工具.bin" in text[0].warnings[0] and "旧信.eml" in text[0].warnings[1]


def test_an_outlook_mail_with_an_attachment() -> None:
    ticks = int((SENT - datetime(1601, 1, 1, tzinfo=UTC)).total_seconds()) * 10**7
    note = "临时通知\n\n定于6月5日召开例会，请准时参加。\n".encode()
    data = outlook(SUBJECT, BODY, "青石市水务局", ticks, {"例会.txt": note})
    assert detect(data, "x") is Format.MSG
    text, attached = read(data, "来文.msg")
    assert (text[0].title, text[0].issuer, text[0].date) == (SUBJECT, "青石市水务局", "2026-06-02")
    assert ("一",) in [unit.locator for unit in text[1]]
    assert attached[0].source == "来文.msg!/例会.txt"
    with pytest.raises(ReadError, match="MSG 邮件"):
        read(outlook(SUBJECT, "", "", ticks, {}), "来文.msg")


def test_mails_are_found_in_folders_and_a_text_that_looks_alike_is_none() -> None:
    assert {".eml", ".msg"} <= set(SUFFIXES)
    assert detect("From: 某人\n说:办法\n\n正文".encode(), "a.txt") is Format.TEXT
    assert detect(mail().as_bytes(), "mail.txt") is Format.EML


def test_names_in_archives_are_kept() -> None:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr("来文/通知.txt", f"{SUBJECT}\n\n{BODY}")
        packed.writestr("来文/信.eml", mail().as_bytes())
    assert [document.source for document, _u, _c in read(out.getvalue(), "六月.zip")] == [
        "六月.zip!/来文/通知.txt",
        "六月.zip!/来文/信.eml",
    ]
