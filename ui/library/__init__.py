"""The library: files that people bring are kept, read in the background, replaced, restored and forgotten."""

from ui.library.index import LibraryDocument
from ui.library.library import Library, LibraryFile, open_library
from ui.library.shelf import Storage, TooLargeError, UnwritableError, UploadError

__all__ = [
    "Library",
    "LibraryDocument",
    "LibraryFile",
    "Storage",
    "TooLargeError",
    "UnwritableError",
    "UploadError",
    "open_library",
]
