"""A compound file (MS-CFB) with the streams of an Outlook mail, as small as readers put up with."""

import struct
from collections.abc import Mapping, Sequence

_SECTOR, _MINI = 512, 64
_FREE, _END, _FAT, _NONE = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD, 0xFFFFFFFF
Tree = Mapping[str, "bytes | Tree"]


def compound(tree: Tree) -> bytes:
    """Return a compound file that holds ``tree``: streams as bytes, storages as mappings. Streams are short."""
    entries: list[list[object]] = [["Root Entry", 5, _NONE, _NONE, _NONE, 0, 0]]
    mini = b""

    def add(inside: Tree) -> int:
        nonlocal mini
        first, last = _NONE, None
        for name, value in inside.items():
            at = len(entries)
            if isinstance(value, bytes):
                entries.append([name, 2, _NONE, _NONE, _NONE, len(mini) // _MINI if value else _END, len(value)])
                mini += value + bytes(-len(value) % _MINI)
            else:
                entries.append([name, 1, _NONE, _NONE, _NONE, 0, 0])
                entries[at][4] = add(value)
            if last is None:
                first = at
            else:
                entries[last][3] = at
            last = at
        return first

    entries[0][4] = add(tree)
    directory = b"".join(map(_entry, entries))
    directory += bytes(-len(directory) % _SECTOR)
    sizes = [entry[6] for entry in entries if entry[1] == 2 and entry[6]]
    mini_fat = b"".join(_chain(at, -(-int(size) // _MINI)) for at, size in _places(sizes))
    mini_fat += struct.pack("<I", _FREE) * (-(len(mini_fat) // 4) % (_SECTOR // 4))
    mini += bytes(-len(mini) % _SECTOR)
    blocks, at, starts = [directory, mini_fat, mini], 1, []
    fat = struct.pack("<I", _FAT)
    for block in blocks:
        count = len(block) // _SECTOR
        starts.append(at if count else _END)
        fat += _chain(at, count)
        at += count
    assert len(fat) <= _SECTOR, "one sector of the table is enough for tests"
    fat += struct.pack("<I", _FREE) * ((_SECTOR - len(fat)) // 4)
    entries[0][5], entries[0][6] = starts[2], len(mini)
    directory = b"".join(map(_entry, entries))
    blocks[0] = directory + bytes(-len(directory) % _SECTOR)
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    header += struct.pack("<IIIIIIIIII", 0, 1, starts[0], 0, 4096, starts[1], len(mini_fat) // _SECTOR, _END, 0, 0)
    header += struct.pack("<I", _FREE) * 108
    return header + fat + b"".join(blocks)


def _places(sizes: Sequence[object]) -> list[tuple[int, int]]:
    at, places = 0, []
    for size in sizes:
        places.append((at, int(str(size))))
        at += -(-int(str(size)) // _MINI)
    return places


def _chain(start: int, count: int) -> bytes:
    return struct.pack(f"<{count}I", *range(start + 1, start + count), *([_END] if count else []))


def _entry(entry: list[object]) -> bytes:
    name, kind, left, right, child, start, size = entry
    raw = str(name).encode("utf-16-le") + b"\0\0"
    packed = raw.ljust(64, b"\0") + struct.pack("<HBB3I", len(raw), kind, 1, left, right, child)
    return packed + bytes(16 + 4 + 16) + struct.pack("<IQ", start, size)


def _properties(root: bool, fixed: Sequence[tuple[int, int]], texts: Sequence[tuple[int, int]]) -> bytes:
    """The stream of properties: ``fixed`` values by tag, and of ``texts`` how long each is."""
    head = struct.pack("<8xIIII8x", 0, 0, 0, 1) if root else bytes(8)
    rows = [struct.pack("<IIQ", tag, 6, value) for tag, value in fixed]
    rows += [struct.pack("<IIII", tag, 6, size, 0) for tag, size in texts]
    return head + b"".join(rows)


def outlook(subject: str, body: str, sender: str, sent: int, attached: Mapping[str, bytes]) -> bytes:
    """Return a .msg file; ``sent`` counts tenths of microseconds since 1601."""
    texts = {
        0x0037001F: subject,
        0x1000001F: body,
        0x0C1A001F: sender,
        0x001A001F: "IPM.Note",
        0x0C1F001F: "a@example.cn",
    }
    tree: dict[str, bytes | Tree] = {f"__substg1.0_{tag:08X}": text.encode("utf-16-le") for tag, text in texts.items()}
    lengths = [(tag, 2 * len(text) + 2) for tag, text in texts.items()]
    tree["__properties_version1.0"] = _properties(True, [(0x00390040, sent), (0x340D0003, 0x40000)], lengths)
    tree["__nameid_version1.0"] = {
        "__substg1.0_00020102": b"",
        "__substg1.0_00030102": b"",
        "__substg1.0_00040102": b"",
    }
    for at, (name, content) in enumerate(attached.items()):
        own = [(0x3707001F, 2 * len(name) + 2), (0x37010102, len(content))]
        tree[f"__attach_version1.0_#{at:08X}"] = {
            "__substg1.0_3707001F": name.encode("utf-16-le"),
            "__substg1.0_37010102": content,
            "__properties_version1.0": _properties(False, [(0x37050003, 1)], own),
        }
    return compound(tree)
