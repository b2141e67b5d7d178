"""A Stata file with each numeric column in the smallest type that loses nothing, as by `compress`.

The library that writes labelled Stata files stores every column that has extended missing values
as doubles: eight bytes for what fits into one.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluation.data import stata_layout
from evaluation.errors import DataError
from evaluation.locale.messages import message

TYPES, DATA = b"<variable_types>", b"<data>"
DOUBLE, LONG = 65526, 65528
# system missing as a double: the first above all numbers; .a to .z follow at this distance
MISSING, STEP = 0x7FE0000000000000, 1 << 40
# type code: numpy type, smallest and largest number, system missing (.a is one more)
WHOLE = {
    65530: ("|i1", -127, 100, 101),
    65529: ("<i2", -32767, 32740, 32741),
    65528: ("<i4", -2147483647, 2147483620, 2147483621),
}


@dataclass(frozen=True, slots=True)
class Sections:
    """Where the parts of a file of format 118 begin, and the types of its columns."""

    starts: NDArray[np.uint64]
    types: NDArray[np.uint16]


def smallest(data: bytes) -> bytes:
    """The file with its whole numbers in bytes, integers or longs.

    Parameters
    ----------
    data : bytes
        Format 118, little-endian, without long strings, as pyreadstat writes it.

    Returns
    -------
    bytes
        The same values, missing values and labels; fractions stay doubles.

    Raises
    ------
    DataError
        The file has another layout.

    Notes
    -----
    Layout and missing values: Stata's description of the .dta format 118, sections 5.2 and 5.7.
    """
    sections = _sections(data)
    at, end = int(sections.starts[9]) + len(DATA), int(sections.starts[10]) - len(DATA) - 1
    table = np.frombuffer(data[at:end], dtype=_row(sections.types))
    chosen = {name: _column(table[name]) for name in table.dtype.names or ()}
    pairs = zip(chosen.values(), sections.types, strict=True)
    types = np.array([kind or old for (kind, _), old in pairs])
    rows = np.empty(len(table), dtype=_row(types))
    for name, (_, values) in chosen.items():
        rows[name] = values
    content = rows.tobytes()
    starts = sections.starts.copy()
    starts[10:] -= np.uint64(end - at - len(content))
    kinds = int(sections.starts[2]) + len(TYPES)
    head = bytearray(data[:at])
    head[kinds : kinds + 2 * len(types)] = types.astype("<u2").tobytes()
    where = data.find(stata_layout.MAP) + len(stata_layout.MAP)
    head[where : where + starts.nbytes] = starts.astype("<u8").tobytes()
    return bytes(head) + content + data[end:]


def _sections(data: bytes) -> Sections:
    where = data.find(stata_layout.MAP) + len(stata_layout.MAP)
    whole = b"<release>118</release><byteorder>LSF</byteorder>" in data[:100]
    if not whole or where < len(stata_layout.MAP):
        raise _other()
    starts = np.frombuffer(data, "<u8", count=14, offset=where)
    first = int(starts[2]) + len(TYPES)
    return Sections(starts, np.frombuffer(data[first : int(starts[3]) - len(TYPES) - 1], "<u2"))


def _row(types: NDArray) -> np.dtype:
    """Layout of an observation."""
    kinds = {DOUBLE: "<f8"} | {code: whole[0] for code, whole in WHOLE.items()}
    names = [kinds.get(int(code)) or f"S{code}" for code in types]
    if any(code > 2045 and int(code) not in kinds for code in types):
        raise _other()
    return np.dtype([(str(i), kind) for i, kind in enumerate(names)])


def _column(values: NDArray) -> tuple[int, NDArray]:
    """Smallest type of a column (0: the one it has) and its values in that type."""
    if values.dtype.kind == "S":
        return 0, values
    numbers, missing = _parts(values)
    if (numbers % 1 != 0).any():
        return 0, values
    for code, (kind, low, high, first) in WHOLE.items():
        seen = numbers[missing < 0]
        if seen.size == 0 or (seen.min() >= low and seen.max() <= high):
            return code, np.where(missing < 0, numbers, first + missing).astype(kind)
    return 0, values


def _parts(values: NDArray) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Numbers (0 where missing), and 0 for system missing, 1 to 26 for .a to .z, else -1."""
    if values.dtype == np.dtype("<f8"):
        bits = np.ascontiguousarray(values).view("<i8")
        missing = np.where(bits >= MISSING, (bits - MISSING) // STEP, -1)
    else:
        first = next(whole[3] for whole in WHOLE.values() if whole[0] == values.dtype.str)
        missing = np.where(values >= first, values.astype(np.int64) - first, -1)
    return np.where(missing < 0, values, 0).astype(float), missing


def _other() -> DataError:
    return DataError(
        message("stata-types.problem"), where="Stata file", mend=message("stata-types.mend")
    )
