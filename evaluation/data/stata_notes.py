"""Notes of a Stata file, put into the finished file: the writing library has none.

Layout: Stata's description of the .dta format 118, section 5.8 (characteristics): notes of a file
are characteristics of ``_dta`` named ``note1``, ``note2``, ..., with their number in ``note0``.
"""

from collections.abc import Sequence

import numpy as np

from evaluation.errors import DataError
from evaluation.locale.messages import message

NAME_BYTES = 129
OPEN, CLOSE = b"<characteristics>", b"</characteristics>"
# places in the map of a file's parts: data and everything behind it moves
FIRST_MOVED, PARTS = 9, 14


def with_notes(data: bytes, notes: Sequence[str]) -> bytes:
    """A Stata file with notes about the file as a whole.

    Parameters
    ----------
    data : bytes
        A little-endian file of format 118 without characteristics.
    notes : sequence of str
        One line each.

    Raises
    ------
    DataError
        The file has characteristics already.
    """
    at = data.index(OPEN) + len(OPEN)
    if data[at : at + len(CLOSE)] != CLOSE:
        raise DataError(
            message("characteristics.problem"), where="Stata file", mend=message("report.mend")
        )
    written = [("note0", str(len(notes)))]
    written += [(f"note{number}", text) for number, text in enumerate(notes, start=1)]
    inserted = b"".join(_characteristic(name, text) for name, text in written)
    start = data.index(b"<map>") + len(b"<map>")
    parts = np.frombuffer(data, "<u8", count=PARTS, offset=start).copy()
    parts[FIRST_MOVED:] += np.uint64(len(inserted))
    return b"".join(
        (data[:start], parts.tobytes(), data[start + 8 * PARTS : at], inserted, data[at:])
    )


def _characteristic(name: str, text: str) -> bytes:
    content = b"_dta".ljust(NAME_BYTES, b"\0") + name.encode().ljust(NAME_BYTES, b"\0")
    content += text.encode() + b"\0"
    return b"<ch>" + len(content).to_bytes(4, "little") + content + b"</ch>"
