"""Texts that mean harm: ``KINDS`` makes each of some bytes, as a file of a name that says how it is to be read."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of hostile text: what people call it, the end of its file's name, and how much of it there is by characters."""

    name: str
    suffix: str
    unit: str
    head: str = ""
    numbered: bool = False  # ``unit`` takes the number of its repetition

    def made(self, size: int) -> bytes:
        """Return about ``size`` bytes, never more."""
        write: Callable[[int], str] = self.unit.format if self.numbered else lambda _number: self.unit
        room = size - len(self.head.encode())
        most = room // len(write(room // len(write(0).encode())).encode())
        body = "".join(map(write, range(1, most + 1))) if self.numbered else self.unit * most
        return (self.head + body).encode()


_NESTED = "".join(f"{label}办好学校，建好校舍。\n" for label in ("一、", "(一)", "1. ", "(1)", "①", "——"))
_PAGE = "<!DOCTYPE html><html><head><meta charset='utf-8'><title>关于办学的通知</title></head><body>"

KINDS = (
    Kind("一行到底", ".txt", "学校"),
    Kind("全是短行", ".txt", "办好学校，建好每一所校舍。\n"),
    Kind("长行数字", ".txt", "1234567890" * 5000 + "\n\n", "办好学校。\n"),
    Kind("全是编号", ".md", "{}. 办好学校，建好校舍。\n", "# 关于办学的通知\n\n", numbered=True),
    Kind("一行条文", ".txt", "第{}条 甲。", numbered=True),
    Kind("层层编号", ".md", _NESTED),
    Kind("组合符号", ".txt", "办好学校\u0301\u0302，建好校舍\u0303。\n\n", "办好学校。\n"),
    Kind(
        "网页标签套标签",
        ".html",
        "<div><b>" * 150 + "办好学校。" + "</b></div>" * 150,
        _PAGE + "<p>办好学校，建好校舍。</p>",
    ),
    Kind("网页列表", ".html", "<li>办好学校，建好校舍。", _PAGE + "<ol>"),
    Kind("网页表格", ".html", "<tr><td rowspan=9>甲<td>乙<td><a href=x>丙</a>", _PAGE + "<table>"),
)
