"""Files as nobody wants them: made in memory, each with what the refusal must say, or None where it is readable after all."""

import io
import random
import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass

POLICY = (
    "某某市人民政府关于支持企业发展的实施意见\n\n一、总体要求。支持企业高质量发展,结合本市实际,制定本意见。\n\n"
    "二、重点任务。对新认定的企业给予50万元奖励,所需资金由市财政安排。\n"
)
ANY = ""  # any reason will do: it depends on the library how far it gets


@dataclass(frozen=True, slots=True)
class BadFile:
    """``reason``: what the one line must hold, None where the file is readable. ``either``: reading it is right, too.

    ``isolated``: it may take memory, time or its process with it, so it is only read under limits.
    """

    name: str
    make: Callable[[], bytes]
    reason: str | None
    isolated: bool = False
    either: bool = False


def zipped(members: dict[str, bytes | str], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def encrypted(archive: bytes) -> bytes:
    """Set the flag of encryption on every member."""
    data = bytearray(archive)
    for signature, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.find(signature)
        while at >= 0:
            data[at + flags] |= 1
            at = data.find(signature, at + 4)
    return bytes(data)


def lying(archive: bytes, size: int) -> bytes:
    """Claim ``size`` as the unpacked size of every member."""
    data = bytearray(archive)
    for signature, field in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = data.find(signature)
        while at >= 0:
            struct.pack_into("<I", data, at + field, size)
            at = data.find(signature, at + 4)
    return bytes(data)


def ole(*streams: str) -> bytes:
    """Return an OLE2 file with empty streams of these names at its root."""
    free, end, table = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
    header = struct.pack(
        "<8s16xHHHHH6xIIIIIIIIII",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        62,
        3,
        0xFFFE,
        9,
        6,
        0,
        1,
        1,
        0,
        4096,
        end,
        0,
        end,
        0,
        0,
    )
    header += struct.pack("<108I", *[free] * 108)
    chain = struct.pack("<128I", table, *range(2, 2 + len(streams) // 4), end, *[free] * (126 - len(streams) // 4))
    entries = b""
    for at, name in enumerate(["Root Entry", *streams]):
        text = name.encode("utf-16-le")
        right = at + 1 if 0 < at < len(streams) else free
        child = 1 if at == 0 else free
        entries += struct.pack("<64sHBBIII36xIQ", text, len(text) + 2, 2 if at else 5, 1, free, right, child, end, 0)
    size = 512 * (len(streams) // 4 + 1)
    return header + chain + entries.ljust(size, b"\0")


WORD = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def docx(body: str | None = None, *, prolog: str = "", more: dict[str, bytes | str] | None = None) -> bytes:
    body = (
        body
        if body is not None
        else "".join(f"<w:p><w:r><w:t>{line}</w:t></w:r></w:p>" for line in POLICY.split("\n") if line)
    )
    kinds = "application/vnd.openxmlformats-officedocument.wordprocessingml"
    return zipped(
        {
            "[Content_Types].xml": '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            '<Default Extension="xml" ContentType="application/xml"/><Default Extension="bin" ContentType="application/vnd.ms-office.vbaProject"/>'
            f'<Override PartName="/word/document.xml" ContentType="{kinds}.document.main+xml"/>'
            f'<Override PartName="/word/styles.xml" ContentType="{kinds}.styles+xml"/></Types>',
            "_rels/.rels": '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
            '<Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>',
            "word/_rels/document.xml.rels": '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
            '<Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/></Relationships>',
            "word/document.xml": f'<?xml version="1.0" encoding="UTF-8"?>{prolog}<w:document {WORD}><w:body>{body}</w:body></w:document>',
            "word/styles.xml": f'<?xml version="1.0"?><w:styles {WORD}/>',
            **(more or {}),
        }
    )


def cyclic_styles() -> bytes:
    styles = "".join(
        f'<w:style w:type="paragraph" w:styleId="{a}"><w:name w:val="{a}"/><w:basedOn w:val="{b}"/></w:style>'
        for a, b in ("AB", "BC", "CA")
    )
    body = "".join(
        f'<w:p><w:pPr><w:pStyle w:val="A"/></w:pPr><w:r><w:t>{line}</w:t></w:r></w:p>'
        for line in POLICY.split("\n")
        if line
    )
    return docx(body, more={"word/styles.xml": f'<?xml version="1.0"?><w:styles {WORD}>{styles}</w:styles>'})


def laughs(depth: int = 12) -> str:
    """A prolog whose last entity would unfold to 10**depth characters."""
    entities = '<!ENTITY a0 "哈哈哈哈哈哈哈哈哈哈">' + "".join(
        f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, depth)
    )
    return f"<!DOCTYPE x [{entities}]>"


def xlsx() -> bytes:
    from openpyxl import Workbook

    book, out = Workbook(), io.BytesIO()
    for row in (["序号", "任务", "责任单位"], [1, "支持企业发展", "市财政局"]):
        book.active.append(row)
    book.save(out)
    return out.getvalue()


def odt(*, locked: bool = False) -> bytes:
    entry = (
        '<manifest:encryption-data manifest:checksum="x"><manifest:algorithm manifest:algorithm-name="Blowfish CFB"/></manifest:encryption-data>'
        if locked
        else ""
    )
    content = (
        '<?xml version="1.0"?><office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
        'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" office:version="1.2"><office:body><office:text>'
        + "".join(f"<text:p>{line}</text:p>" for line in POLICY.split("\n") if line)
        + "</office:text></office:body></office:document-content>"
    ).encode()
    return zipped(
        {
            "mimetype": "application/vnd.oasis.opendocument.text",
            "META-INF/manifest.xml": '<?xml version="1.0"?><manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
            f'<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml">{entry}</manifest:file-entry></manifest:manifest>',
            "content.xml": noise(len(content)) if locked else content,
        }
    )


def epub() -> bytes:
    return zipped(
        {
            "mimetype": "application/epub+zip",
            "META-INF/container.xml": '<?xml version="1.0"?><container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">'
            '<rootfiles><rootfile full-path="b.opf" media-type="application/oebps-package+xml"/></rootfiles></container>',
            "b.opf": '<?xml version="1.0"?><package xmlns="http://www.idpf.org/2007/opf" version="2.0"><metadata/>'
            '<manifest><item id="c" href="c.xhtml" media-type="application/xhtml+xml"/></manifest><spine><itemref idref="c"/></spine></package>',
            "c.xhtml": f'<html xmlns="http://www.w3.org/1999/xhtml"><body><p>{POLICY}</p></body></html>',
        }
    )


def ofd(document: str = "<ofd:Document/>") -> bytes:
    return zipped(
        {
            "OFD.xml": '<?xml version="1.0"?><ofd:OFD xmlns:ofd="http://www.ofdspec.org/2016" Version="1.0"><ofd:DocBody><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>',
            "Doc_0/Document.xml": '<?xml version="1.0"?>'
            + document.replace("<ofd:Document", '<ofd:Document xmlns:ofd="http://www.ofdspec.org/2016"'),
        }
    )


def pdf(*objects: str) -> bytes:
    """Return a PDF of these objects, numbered from 1; the first is its catalog."""
    out, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n".encode("latin-1")
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    size = len(objects) + 1
    return (
        out
        + f"xref\n0 {size}\n0000000000 65535 f \n{table}trailer\n<</Size {size}/Root 1 0 R>>\nstartxref\n{len(out)}\n%%EOF\n".encode()
    )


def pdf_page() -> bytes:
    stream = "BT /F 12 Tf 72 700 Td (Measures to support enterprises of the city, with 50 items.) Tj ET"
    return pdf(
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>>>",
        f"<</Length {len(stream)}>>stream\n{stream}\nendstream",
    )


def pdf_locked() -> bytes:
    from pypdf import PdfReader, PdfWriter

    writer, out = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf_page()))), io.BytesIO()
    writer.encrypt("mima", algorithm="RC4-128")
    writer.write(out)
    return out.getvalue()


def picture(kind: str, size: tuple[int, int] = (200, 80)) -> bytes:
    from PIL import Image

    out = io.BytesIO()
    Image.effect_noise(size, 40).convert("RGB").save(out, kind)
    return out.getvalue()


def png_claiming(width: int, height: int) -> bytes:
    """Return a small PNG whose header claims a size; its rows are zeros, well packed."""
    packer = zlib.compressobj(9)
    row = b"\0" * (width // 8 + 1)
    pixels = b"".join([*(packer.compress(row) for _ in range(height)), packer.flush()])

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0))
        + chunk(b"IDAT", pixels)
        + chunk(b"IEND", b"")
    )


def bomb(megabytes: int = 1024) -> bytes:
    """Return an archive of about 1 MB whose only member unpacks to that many megabytes of zeros."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    once = packer.compress(b"\0" * 2**20) + packer.flush(zlib.Z_FULL_FLUSH)
    data = bytearray(zipped({"a.txt": once * megabytes + packer.flush()}, zipfile.ZIP_STORED))
    for signature, method in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        struct.pack_into("<H", data, data.find(signature) + method, zipfile.ZIP_DEFLATED)
    return lying(bytes(data), megabytes * 2**20)


def noise(size: int) -> bytes:
    return random.Random(7).randbytes(size)


def half(data: bytes) -> bytes:
    return data[: len(data) // 2]


def html(body: str) -> bytes:
    return (
        f"<!DOCTYPE html><html><head><meta charset=utf-8><title>意见</title></head><body>{body}</body></html>".encode()
    )


HTML = html("".join(f"<p>{line}</p>" for line in POLICY.split("\n") if line))
RTF = b"{\\rtf1\\ansi{\\fonttbl{\\f0 SimSun;}}}"
BAD_FILES = [
    # nothing, or nothing that could be read
    BadFile("empty.txt", lambda: b"", "空"),
    BadFile("empty.pdf", lambda: b"", "空"),
    BadFile("blank.txt", lambda: b" \r\n\t \n" * 50, "空"),
    BadFile("ideographic-spaces.txt", lambda: "　　\n　\n".encode(), ANY),
    BadFile("nul.txt", lambda: b"\0" * 5000, "空"),
    BadFile("nul-within.txt", lambda: POLICY.encode() + b"\0\0\0" + POLICY.encode(), "二进制"),
    BadFile("random.txt", lambda: noise(50_000), ANY),
    BadFile("random.docx", lambda: noise(50_000), ANY),
    BadFile("random.pdf", lambda: noise(50_000), ANY),
    BadFile("punctuation.txt", lambda: "。，、；：？！……——（）《》\n".encode() * 30, ANY, either=True),
    BadFile("half-utf8.txt", lambda: POLICY.encode() + POLICY.encode()[1:60] + b"\xe5\xff", "编码"),
    BadFile("utf16-without-bom.txt", lambda: POLICY.encode("utf-16-le"), None),
    BadFile("utf16-cut.txt", lambda: POLICY.encode("utf-16")[:-1], "utf-16"),
    # cut off
    BadFile("cut.pdf", lambda: half(pdf_page()), ANY, either=True),
    BadFile("cut.docx", lambda: half(docx()), "损坏"),
    BadFile("cut.xlsx", lambda: half(xlsx()), "损坏"),
    BadFile("cut.odt", lambda: half(odt()), "损坏"),
    BadFile("cut.epub", lambda: half(epub()), "损坏"),
    BadFile("cut.ofd", lambda: half(ofd()), "损坏"),
    BadFile("cut.zip", lambda: half(zipped({"a.txt": POLICY})), "损坏"),
    BadFile("cut.png", lambda: half(picture("PNG")), ANY, either=True, isolated=True),
    BadFile("cut.jpg", lambda: half(picture("JPEG")), ANY, either=True, isolated=True),
    BadFile("cut.doc", lambda: ole("WordDocument")[:700], "损坏"),
    BadFile("empty-stream.doc", lambda: ole("WordDocument", "1Table"), ANY, isolated=True),
    BadFile("cut.html", lambda: HTML.decode()[:-40].encode(), None),
    # locked
    BadFile("locked.pdf", pdf_locked, "密码"),
    BadFile("locked.docx", lambda: ole("EncryptionInfo", "EncryptedPackage"), "密码"),
    BadFile("locked.zip", lambda: encrypted(zipped({"a.txt": POLICY})), "密码"),
    BadFile("locked.odt", lambda: odt(locked=True), ANY),
    # archives with tricks
    BadFile("bomb.zip", bomb, "压缩"),
    BadFile("nested.zip", lambda: zipped({"inner.zip": zipped({"a.txt": POLICY})}), "压缩包"),
    BadFile("hidden-nested.zip", lambda: zipped({"a.txt": zipped({"b.txt": POLICY})}), "压缩包"),
    BadFile(
        "climbing.zip",
        lambda: zipped({"../../etc/cron.d/a.txt": POLICY, "/etc/b.txt": POLICY, "C:\\c.txt": POLICY}),
        None,
    ),
    BadFile("crowd.zip", lambda: zipped({f"{n}.txt": POLICY for n in range(5000)}), "5000"),
    BadFile("lying-small.zip", lambda: lying(zipped({"a.txt": POLICY * 100}), 10), "损坏"),
    BadFile("lying-large.zip", lambda: lying(zipped({"a.txt": POLICY * 100}), 2**31), ANY, either=True),
    BadFile("nothing-inside.zip", lambda: zipped({}), "没有文件"),
    BadFile("only-programs.zip", lambda: zipped({"a.exe": b"MZ" + b"\0" * 100}), "不支持"),
    BadFile("one-good.zip", lambda: zipped({"a.txt": POLICY, "b.pdf": noise(500), "c.docx": half(docx())}), None),
    # documents with tricks
    BadFile("laughs.docx", lambda: docx("<w:p><w:r><w:t>&a11;</w:t></w:r></w:p>", prolog=laughs()), ANY, isolated=True),
    BadFile(
        "entity.docx",
        lambda: docx(
            "<w:p><w:r><w:t>甲&e;乙</w:t></w:r></w:p>", prolog='<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
        ),
        ANY,
        either=True,
    ),
    BadFile("cyclic-styles.docx", cyclic_styles, None),
    BadFile("macro.docm", lambda: docx(more={"word/vbaProject.bin": ole("VBA", "PROJECT")}), None),
    BadFile("no-body.docx", lambda: docx(""), ANY),
    BadFile("bomb.docx", lambda: docx(" " * (300 * 2**20)), ANY, isolated=True),
    BadFile("deep.docx", lambda: docx("<w:p><w:r>" * 50_000), ANY, isolated=True),
    BadFile(
        "laughs.ofd",
        lambda: zipped({"OFD.xml": '<?xml version="1.0"?>' + laughs() + "<ofd:OFD>&a11;</ofd:OFD>"}),
        ANY,
        isolated=True,
    ),
    BadFile("no-pages.ofd", ofd, ANY),
    BadFile("deep.html", lambda: html("<div>" * 100_000 + f"<p>{POLICY}</p>"), ANY, either=True, isolated=True),
    BadFile("script-only.html", lambda: html("<script>load()</script>"), "没有正文"),
    BadFile(
        "cyclic.pdf",
        lambda: pdf("<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[2 0 R]/Count 3/Parent 2 0 R>>"),
        ANY,
        isolated=True,
    ),
    BadFile("no-pages.pdf", lambda: pdf("<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[]/Count 0>>"), "页"),
    BadFile("junk-first.pdf", lambda: b"\r\n# junk\r\n" * 40 + pdf_page(), ANY, either=True),
    BadFile("long-line.txt", lambda: "支持企业发展".encode() * (200 * 2**20 // 18), ANY, either=True, isolated=True),
    BadFile("textless.rtf", lambda: RTF, ANY),
    BadFile("nul.csv", lambda: "序号,任务\n1,发".encode() + b"\0\0" + "展\n".encode(), ANY),
    # pictures
    BadFile("dot.png", lambda: picture("PNG", (1, 1)), ANY, isolated=True),
    BadFile("huge.png", lambda: png_claiming(20_000, 20_000), ANY, isolated=True),
    BadFile("drawing.png", lambda: b"<svg xmlns='http://www.w3.org/2000/svg'><text>abc</text></svg>", "SVG"),
    # what the name says is wrong
    BadFile("pdf.txt", pdf_page, ANY, either=True),
    BadFile("docx.pdf", docx, None),
    BadFile("html.txt", lambda: HTML, None),
    BadFile("png.docx", lambda: picture("PNG"), ANY, isolated=True),
    BadFile("text.docx", lambda: POLICY.encode("gb18030"), None),
    BadFile(
        "data.txt",
        lambda: ('{"标题": "关于支持企业发展的意见", "正文": "' + POLICY.split("\n")[2] + '"}').encode(),
        None,
    ),
    # what no reader takes
    BadFile("program.txt", lambda: b"MZ\x90\0\x03\0\0\0" + b"\0" * 500, "EXE"),
    BadFile("elf.md", lambda: b"\x7fELF\x02\x01\x01" + b"\0" * 500, "可执行"),
    BadFile("film.docx", lambda: b"\0\0\0\x18ftypmp42" + noise(500), "MP4"),
    BadFile("song.txt", lambda: b"ID3\x03\0" + noise(500), "MP3"),
    BadFile("packed.zip", lambda: b"7z\xbc\xaf\x27\x1c" + noise(500), "7z"),
    BadFile("rar.zip", lambda: b"Rar!\x1a\x07\x01\0" + noise(500), "RAR"),
    BadFile("slides.docx", lambda: zipped({"[Content_Types].xml": "<Types/>", "ppt/presentation.xml": "<p/>"}), "PPTX"),
    BadFile("old-table.doc", lambda: ole("Workbook"), "XLS"),
    BadFile("old-slides.doc", lambda: ole("Current User", "PowerPoint Document"), "PPT"),
    BadFile("letter.doc", lambda: ole("__properties_version1.0"), "MSG"),
    BadFile("database.csv", lambda: b"SQLite format 3\0" + noise(500), "SQLite"),
    BadFile("key.txt", lambda: b"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n", "证书"),
]
