"""Whether this machine can print: WeasyPrint draws with Pango, a library of the system."""

from collections.abc import Callable, Mapping
from contextlib import redirect_stdout, suppress
from ctypes import CDLL
from importlib import import_module
from io import StringIO
from pathlib import Path
from typing import Any

from evaluation.errors import ReportError

# gives the PDF of a page, with what it says of itself, and its number of sheets
Printer = Callable[[str, Mapping[str, Any], Path], tuple[bytes, int]]
# on Linux, macOS and Windows
LIBRARIES = ("libpangoft2-1.0.so.0", "libpangoft2-1.0.dylib", "libpangoft2-1.0-0.dll")


def printer() -> Printer:
    """The function that prints a page; only to print is WeasyPrint imported.

    Raises
    ------
    ReportError
        There is no Pango.
    """
    try:
        # WeasyPrint writes to the terminal which library it did not find
        with redirect_stdout(StringIO()):
            found: Printer = import_module("evaluation.site.printer").print_page
    except OSError:
        raise _missing() from None
    return found


def unprintable(language: str) -> str:
    """Why nothing can be printed here, and what to do about it; empty where there is Pango.

    Parameters
    ----------
    language : {"en", "es"}
    """
    for name in LIBRARIES:
        with suppress(OSError):
            CDLL(name)
            return ""
    error = _missing()
    return f"{error.problem.text(language)}; {error.fix.text(language)}"


def _missing() -> ReportError:
    return ReportError.of("no-pango", "install-pango", "pdf")
