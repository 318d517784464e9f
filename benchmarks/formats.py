"""How fast each format is read and how much memory that takes, as a table in docs/FORMATS.md.

    python -m benchmarks.formats [--seconds N] [--write]

Each format is read in a process of its own, so that its peak is its own: first once, to load its libraries, then again
and again for some seconds. The document is the one-page policy of ``tests/formats.py``.
"""

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.ask import ROOT

TARGET = ROOT / "docs" / "FORMATS.md"
# format, library, what is kept; by the name of a file of tests/formats.py
KNOWN = {
    "utf8.txt": ("纯文本", "标准库（严格解码 UTF-8、UTF-16、GB18030）", "段落、编号；断行愈合，图片说明另放"),
    "policy.md": ("Markdown", "标准库", "标题、段落、编号；标记去掉"),
    "policy.html": ("网页", "trafilatura、lxml", "正文、标题、表格、印出的列表号；发文机关、文号、日期取自网页元数据"),
    "policy.docx": ("DOCX", "python-docx、lxml", "标题、自动编号（按 Word 的规则算出）、表格、脚注、修订后的文字"),
    "policy.odt": ("ODT", "pandoc", "标题、列表号、表格、脚注"),
    "policy.epub": ("EPUB", "pandoc", "标题、列表号、表格、注释"),
    "policy.rtf": ("RTF", "pandoc", "段落、印出的列表号、表格、脚注"),
    "policy.pdf": ("PDF（有文字层）", "pypdfium2", "分栏的阅读顺序、页码归属、标题；页眉页脚页码去掉"),
    "policy.ofd": ("OFD", "defusedxml（GB/T 33190）", "阅读顺序、页码归属、标题；模板页去掉"),
    "table.xlsx": ("XLSX", "openpyxl", "逐行，附表头；多个工作表各有标题"),
    "table.csv": ("CSV", "标准库", "逐行，附表头"),
    "policy.zip": ("ZIP", "标准库", "其中每个文件各按其格式"),
    "scan.png": ("图片", "rapidocr（PP-OCRv6）、Pillow", "识别的文字，把握不足处有提示"),
    "scan.pdf": ("PDF（扫描）", "pypdfium2、rapidocr", "识别的文字、页码归属，把握不足处有提示"),
}


def made(name: str) -> bytes:
    """Return the file ``name``."""
    sys.path.insert(0, str(ROOT / "tests"))
    import formats  # type: ignore[import-not-found]
    from test_readers_office import book  # type: ignore[import-not-found]

    rows = [
        ["序号", "任务", "牵头单位"],
        *([str(number), f"完成第{number}项工作", "市发展改革委"] for number in range(1, 31)),
    ]
    scanned: dict[str, Callable[[str], bytes]] = {"scan.png": formats.scan, "scan.pdf": formats.scanned_pdf}
    if name in scanned:
        fonts = Path("/usr/share/fonts").rglob("NotoSansCJK-Regular.ttc")
        return scanned[name](str(next(fonts)))
    if name == "table.xlsx":
        return bytes(book(("任务分工", rows)))
    if name == "table.csv":
        return "\n".join(",".join(row) for row in rows).encode()
    return bytes(formats.EXACT[name]())


def measure(name: str, data: bytes, seconds: float) -> dict[str, float]:
    """Return pages a second and the peak of memory in MB of reading ``data`` over and over."""
    from ingest.reading import read_parts

    began = time.perf_counter()
    read_parts(data, name)
    first = time.perf_counter() - began
    count, began = 0, time.perf_counter()
    while not count or time.perf_counter() - began < seconds:
        read_parts(data, name)
        count += 1
    rate = count / (time.perf_counter() - began)
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return {"first_s": first, "per_second": rate, "peak_mb": max(peak(), children)}


def peak() -> float:
    """Return the most memory that this process has held, in MB; ``getrusage`` would count who started it, too."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) / 1024


def main() -> None:
    """Measure all and print the table; with ``--write`` put it into the documentation."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.one:
        print(json.dumps(measure(args.one, sys.stdin.buffer.read(), args.seconds)))
        return
    lines = [
        "| 格式 | 用什么读 | 留下什么 | 页/秒 | 首次（秒） | 内存峰值（MB） |",
        "| --- | --- | --- | ---: | ---: | ---: |",
    ]
    for name, (label, library, kept) in KNOWN.items():
        command = [sys.executable, "-m", "benchmarks.formats", "--one", name, "--seconds", str(args.seconds)]
        told = subprocess.run(command, cwd=ROOT, input=made(name), check=True, capture_output=True)
        found = json.loads(told.stdout)
        rate, first, peak = found["per_second"], found["first_s"], found["peak_mb"]
        lines.append(f"| {label} | {library} | {kept} | {rate:.3g} | {first:.1f} | {peak:.0f} |")
    print("\n".join(lines))
    if args.write:
        head, _, tail = TARGET.read_text(encoding="utf-8").partition("<!-- table -->\n")
        rest = tail.partition("<!-- end -->")[2]
        table = "\n".join(lines)
        TARGET.write_text(f"{head}<!-- table -->\n{table}\n<!-- end -->{rest}", encoding="utf-8")


if __name__ == "__main__":
    main()
