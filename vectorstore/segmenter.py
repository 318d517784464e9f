"""The one door to jieba, which is not kept up any more.

Its import warns of pkg_resources where setuptools still has that, and of unescaped patterns where it was not compiled.
"""

import logging
import threading
import warnings
from importlib import import_module
from typing import Any

_importing = threading.Lock()  # the filters of warnings are those of the whole process


def jieba(module: str = "jieba") -> Any:
    """Return jieba, or a module of it, imported without a word; its dictionary loads at first use."""
    with _importing, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        imported = import_module(module)
    logging.getLogger("jieba").setLevel(logging.ERROR)
    return imported
