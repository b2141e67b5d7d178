"""Drawn data as the files a field team delivers: a SurveyCTO export, a Stata file, a series.

The library that writes labelled Stata files stores every column that has extended missing values
as doubles: eight bytes for what fits into one.

Clean values go back to the codes of each round by the dictionary's own code lists, so that a
polarity that turned between the rounds stands in the files as it was programmed.
"""

import hashlib
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pyreadstat
from numpy.typing import NDArray

from evaluation.config.dictionary import Dictionary, Variable
from evaluation.config.study import LEDGER
from evaluation.data.cleaning.ledger import COLUMNS as LEDGER_COLUMNS
from evaluation.data.cleaning.ledger import DELIVERY_DIGITS
from evaluation.data.readers import stata
from evaluation.estimation.parameters import SYNTHETIC
from evaluation.file_content import csv_text
from tools.demo import flaws
from tools.demo.survey import KINDS, DemoData

TYPES, DATA = b"<variable_types>", b"<data>"
DOUBLE = 65526
# system missing as a double: the first above all numbers; .a to .z follow at this distance
MISSING, STEP = 0x7FE0000000000000, 1 << 40
# type code: numpy type, smallest and largest number, system missing (.a is one more)
WHOLE = {
    65530: ("|i1", -127, 100, 101),
    65529: ("<i2", -32767, 32740, 32741),
    65528: ("<i4", -2147483647, 2147483620, 2147483621),
}


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
    old_starts, old_types = _sections(data)
    at, end = int(old_starts[9]) + len(DATA), int(old_starts[10]) - len(DATA) - 1
    table = np.frombuffer(data[at:end], dtype=_row(old_types))
    chosen = {name: _column(table[name]) for name in table.dtype.names or ()}
    pairs = zip(chosen.values(), old_types, strict=True)
    types = np.array([kind or old for (kind, _), old in pairs])
    rows = np.empty(len(table), dtype=_row(types))
    for name, (_, values) in chosen.items():
        rows[name] = values
    content = rows.tobytes()
    starts = old_starts.copy()
    starts[10:] -= np.uint64(end - at - len(content))
    kinds = int(old_starts[2]) + len(TYPES)
    head = bytearray(data[:at])
    head[kinds : kinds + 2 * len(types)] = types.astype("<u2").tobytes()
    where = data.find(stata.MAP) + len(stata.MAP)
    head[where : where + starts.nbytes] = starts.astype("<u8").tobytes()
    return bytes(head) + content + data[end:]


def _sections(data: bytes) -> tuple[NDArray[np.uint64], NDArray[np.uint16]]:
    """Where the parts of a file of format 118 begin, and the types of its columns."""
    where = data.find(stata.MAP) + len(stata.MAP)
    whole = b"<release>118</release><byteorder>LSF</byteorder>" in data[:100]
    if not whole or where < len(stata.MAP):
        raise ValueError(OTHER)
    starts = np.frombuffer(data, "<u8", count=14, offset=where)
    first = int(starts[2]) + len(TYPES)
    return starts, np.frombuffer(data[first : int(starts[3]) - len(TYPES) - 1], "<u2")


def _row(types: NDArray) -> np.dtype:
    """Layout of an observation."""
    kinds = {DOUBLE: "<f8"} | {code: whole[0] for code, whole in WHOLE.items()}
    names = [kinds.get(int(code)) or f"S{code}" for code in types]
    if any(code > 2045 and int(code) not in kinds for code in types):
        raise ValueError(OTHER)
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


OTHER = "no Stata file of format 118, with its bytes from least to most"
BASELINE_FILE = "baseline_survey.csv"
ENDLINE_FILE = "endline_survey.dta"
SERIES_FILE = "municipality_quarters.csv"
STATA_LABELS = {"a": "No sabe", "b": "No responde", "c": "No aplica"}
STATA_VERSION = 14
LONGEST_LABEL = 80


def export(data: DemoData, *, versions: Mapping[str, str]) -> dict[str, bytes]:
    """Write drawn data in the delivered formats.

    Parameters
    ----------
    data : DemoData
        Drawn with all variables.
    versions : mapping of round to str
        Form version that the manifest names for each round.

    Returns
    -------
    dict of str to bytes
        The three raw files by name; and ``corrections.csv``, the ledger that cures the planted
        flaws (its header alone where there are none).
    """
    baseline, endline = data.rounds
    dictionary = data.dictionary
    form = dictionary.variables["form_version"].raw
    texts = {r: _texts(data, dictionary, r).assign(**{form[r]: versions[r]}) for r in data.rounds}
    planted = flaws.plant(texts, data)
    ordered = {r: _added_last(table, data, r) for r, table in planted.texts.items()}
    first = ordered[baseline].sort_values(["SubmissionDate", "KEY"], kind="stable")
    second = ordered[endline].sort_values(["inicio", "id_persona"], kind="stable")
    survey, lines = _survey_csv(first)
    numbers = {row: i for i, row in enumerate(second.index, start=1)}
    delivered = {
        baseline: Delivered(BASELINE_FILE, survey, lines),
        endline: Delivered(ENDLINE_FILE, _stata(second, dictionary, endline), numbers),
    }
    series = data.series.assign(synthetic=SYNTHETIC).to_csv(index=False, lineterminator="\n")
    return {
        **{file.name: file.content for file in delivered.values()},
        SERIES_FILE: series.encode("utf-8"),
        LEDGER: _ledger(planted.marks, delivered),
    }


def _added_last(table: pd.DataFrame, data: DemoData, round_id: str) -> pd.DataFrame:
    """A round's columns, those of the questions that were added behind all others."""
    added = [data.dictionary.variables[name].raw[round_id] for name in data.added]
    return table[[c for c in table.columns if c not in added] + added]


class Delivered(NamedTuple):
    """A survey file, with the line on which each drawn row stands."""

    name: str
    content: bytes
    lines: dict[int, int]


def _texts(data: DemoData, dictionary: Dictionary, round_id: str) -> pd.DataFrame:
    """One round as raw text, indexed by the row of the drawn panel."""
    rows = data.panel.index[data.panel["round"] == round_id]
    panel = data.panel.loc[rows]
    columns = {}
    for variable in dictionary.in_source(round_id):
        kinds = data.kinds.get(variable.name)
        kinds = np.zeros(len(rows), dtype=np.int8) if kinds is None else kinds[rows]
        columns[variable.raw[round_id]] = _raw(
            panel[variable.name], kinds, variable, dictionary, round_id
        )
    return pd.DataFrame(columns, index=rows)


def _raw(
    values: pd.Series,
    kinds: NDArray[np.int8],
    variable: Variable,
    dictionary: Dictionary,
    round_id: str,
) -> list[str]:
    codes = dictionary.code_list(variable.name, round_id)
    if codes is not None:
        written = {code.value: code.code for code in codes.values}
        texts = [written.get(value, "") for value in values.tolist()]
    else:
        texts = [_plain(value, variable) for value in values.tolist()]
    missing = _missing_texts(variable, dictionary, round_id)
    return [
        text if kind == 0 else missing[KINDS[kind]]
        for text, kind in zip(texts, kinds.tolist(), strict=True)
    ]


def _missing_texts(variable: Variable, dictionary: Dictionary, round_id: str) -> dict[str, str]:
    """How each missing kind is written: a skipped question is blank where blanks may be."""
    missing = dictionary.missing_codes(variable.name, round_id)
    if missing is None:
        return {}
    texts = {kind: next(iter(getattr(missing, kind)), "") for kind in ("dont_know", "refused")}
    texts["not_asked"] = ""
    blank = missing.blank == "not_applicable"
    texts["not_applicable"] = "" if blank else next(iter(missing.not_applicable), "")
    return texts


def _plain(value: Any, variable: Variable) -> str:
    if isinstance(value, float):
        if variable.name == "weight":
            return f"{value:.2f}"
        return "" if np.isnan(value) else str(int(value))
    if variable.type == "date":
        return pd.Timestamp(value).strftime("%Y-%m-%d")
    if variable.type == "datetime":
        return pd.Timestamp(value).strftime("%Y-%m-%d %H:%M:%S")
    return "" if value is None else str(value)


def _survey_csv(table: pd.DataFrame) -> tuple[bytes, dict[int, int]]:
    """The SurveyCTO export, and the physical line on which each row begins."""
    rows = list(table.itertuples(index=False))
    lines = {}
    line = 2
    for row, cells in zip(table.index, rows, strict=True):
        lines[int(row)] = line
        line += 1 + "".join(cells).count("\n")
    return csv_text([table.columns, *rows]).encode("utf-8-sig"), lines


def _stata(table: pd.DataFrame, dictionary: Dictionary, round_id: str) -> bytes:
    """The labelled Stata file, labels in Spanish, its time stamp fixed."""
    columns: dict[str, pd.Series] = {}
    # codes, and the letters of missing values
    labels: dict[str, dict[Any, str]] = {}
    letters: dict[str, list[str]] = {}
    names: list[str | None] = []
    for variable in dictionary.in_source(round_id):
        raw = variable.raw[round_id]
        names.append(variable.label.es[:LONGEST_LABEL])
        codes = dictionary.code_list(variable.name, round_id)
        if codes is None and variable.type not in ("count", "number"):
            columns[raw] = table[raw].reset_index(drop=True)
            continue
        columns[raw], letters[raw] = _numbers(table[raw])
        if codes is not None:
            # the writer wants codes in the type of the column
            number = int if columns[raw].dtype == "int8" else float
            labels[raw] = {number(c.code): c.es for c in codes.values} | {
                letter: STATA_LABELS[letter] for letter in letters[raw]
            }
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / ENDLINE_FILE
        pyreadstat.write_dta(
            pd.DataFrame(columns),
            path,
            file_label=f"{SYNTHETIC} DATOS SINTETICOS",
            column_labels=names,
            version=STATA_VERSION,
            variable_value_labels=labels,
            missing_user_values={raw: used for raw, used in letters.items() if used},
        )
        return smallest(stata.fixed_time(path.read_bytes()))


def _numbers(texts: pd.Series) -> tuple[pd.Series, list[str]]:
    """Numbers of a Stata column, with extended missing values as letters."""
    written = texts.tolist()
    known: dict[str, object] = {
        text: None if text == "" else text[1:] if text.startswith(".") else float(text)
        for text in set(written)
    }
    letters = sorted({text[1:] for text in known if text.startswith(".")})
    if letters:
        # as categories: of other objects the writer looks at 100 and may take letters for text
        mixed = pd.Series([known[text] for text in written], dtype=object)
        return mixed.astype("category"), letters
    numbers = pd.Series([known[text] for text in written], dtype=float)
    small = numbers.notna().all() and (numbers % 1 == 0).all() and numbers.abs().max() < 100
    return (numbers.astype("int8") if small else numbers), letters


def _ledger(marks: Sequence[flaws.Mark], delivered: Mapping[str, Delivered]) -> bytes:
    order, rows = list(delivered), []
    for m in marks:
        file = delivered[m.round]
        line, digest = file.lines[m.row], hashlib.sha256(file.content).hexdigest()
        told = (m.column, m.old, m.new, m.action, m.reason, m.by, m.date, digest[:DELIVERY_DIGITS])
        place = (order.index(m.round), line, m.column)
        rows.append((place, (m.round, f"{file.name}:{line}", *told)))
    rows.sort(key=lambda row: row[0])
    return csv_text([LEDGER_COLUMNS, *(cells for _, cells in rows)]).encode("utf-8")
