"""How many people's interviews differ between what two releases were made from.

An interview left, entered, or has another answer. Its answers are those after the ledger; an id,
the order of rows, columns that only one side has, and a column that most interviews have written
otherwise (another export, another coding) are no change of an answer.
"""

import tomllib
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from evaluation.file_content import dict_rows
from evaluation.storage import disk
from evaluation.study.study import LEDGER

LINE, USED = "__line__", "__in_analysis__"
# Which interviews the analysis had, kept with a release: where a rule left some out, they left it.
INTERVIEWS = "interviews.parquet"
# More than this share of what both have: a column is written otherwise, or ids are the same ones.
MOST = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """Where the inputs of a release lie.

    Attributes
    ----------
    raw : Path
        Folder of the delivered tables.
    config : Path
        Folder of manifest and ledger.
    analysed : DataFrame or None
        Round and row key of the interviews that the analysis had.
    """

    raw: Path
    config: Path
    analysed: pd.DataFrame | None

    @classmethod
    def kept(cls, folder: Path) -> "Inputs":
        """Of a release's private copy."""
        analysed = folder / INTERVIEWS
        return cls(
            raw=folder,
            config=folder,
            analysed=disk.read_frame(analysed) if analysed.is_file() else None,
        )


def people_changed(before: Inputs, now: Inputs, respondents: Mapping[str, str]) -> int:
    """People with an interview that left, entered or has another answer.

    Parameters
    ----------
    before, now : Inputs
    respondents : mapping of str to str
        Raw column of the respondent id, by source: files of other sources hold no interviews.

    Returns
    -------
    int
        Of the rounds that differ the one with the fewest, as each round's levels are published
        too. Where ids do not last, the least number that explains the difference.
    """
    counts = []
    for source, key in respondents.items():
        old, new = _interviews(before, source, key), _interviews(now, source, key)
        if before.analysed is None or now.analysed is None:
            old, new = (t.drop(columns=USED, errors="ignore") for t in (old, new))
        counts.append(_changed(old, new, key))
    return min(filter(None, counts), default=0)


def _changed(old: pd.DataFrame, new: pd.DataFrame, key: str) -> int:
    """People of one source who differ, by their ids or, where these do not last, by contents."""
    columns = [c for c in old.columns.intersection(new.columns, sort=False) if c != key]
    if key in old and key in new:
        one, other = (t.drop_duplicates(key, keep=False).set_index(key) for t in (old, new))
        both = one.index.intersection(other.index)
        if len(both) > MOST * min(len(one), len(other)):
            shared = [c for c in columns if (one.loc[both, c] != other.loc[both, c]).mean() <= MOST]
            before, after = (_by_person(t, key, shared) for t in (old, new))
            everybody = before.keys() | after.keys()
            return sum(before.get(p) != after.get(p) for p in everybody)
    left, entered = (Counter(_contents(t, columns)) for t in (old, new))
    n = max((left - entered).total(), (entered - left).total())
    apart = abs(len(old) - len(new))
    # where everybody is written otherwise only the number of interviews can be compared
    return apart if n > MOST * max(len(old), len(new)) else n


def _by_person(table: pd.DataFrame, key: str, columns: list[str]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for person, content in zip(table[key], _contents(table, columns), strict=True):
        found.setdefault(str(person), []).append(content)
    return {person: sorted(contents) for person, contents in found.items()}


def _contents(table: pd.DataFrame, columns: list[str]) -> list[int]:
    if not columns:
        return [0] * len(table)
    hashes: list[int] = pd.util.hash_pandas_object(table[columns], index=False).tolist()
    return hashes


def _interviews(inputs: Inputs, source: str, key: str) -> pd.DataFrame:
    """Interviews of a source with their answers after the ledger, in one form of writing."""
    manifest = tomllib.loads(disk.read_text(inputs.config / "manifest.toml"))
    path = inputs.config / LEDGER
    lines = [line for line in dict_rows(disk.read_text(path)) if line["round"] == source]
    used = _used(inputs.analysed, source)
    tables = [
        _corrected(
            disk.read_frame(inputs.raw / f"{file['id']}.parquet").astype("str"),
            file,
            lines,
            key,
            used,
        )
        for file in manifest.get("file", [])
        if (file.get("round") or file["role"]) == source
    ]
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()


def _used(analysed: pd.DataFrame | None, source: str) -> Collection[str]:
    if analysed is None:
        return ()
    return frozenset(analysed.loc[analysed["round"].astype(str) == source, "row_key"].astype(str))


def _corrected(
    table: pd.DataFrame,
    file: Mapping[str, Any],
    lines: list[dict[str, str]],
    key: str,
    used: Collection[str],
) -> pd.DataFrame:
    keys = pd.Index(f"{file['path']}:{line}" for line in table[LINE])
    table = table.set_axis(keys).drop(columns=LINE)
    here = [line for line in lines if line["row_key"] in keys]
    gone = set(_applied(table, here, key))
    for rule in file.get("drop", []):
        if rule["column"] in table:
            gone |= {*table.index[table[rule["column"]].isin(rule["values"])]}
    if used:
        table = table.assign(**{USED: [f"{row in used}" for row in table.index]})
    table = table.drop(index=[*gone])
    plain = {c: {v: _plain(v) for v in table[c].unique()} for c in table.columns}
    return table.assign(**{c: table[c].map(texts) for c, texts in plain.items()})


def _applied(table: pd.DataFrame, lines: list[dict[str, str]], key: str) -> Iterator[str]:
    """Corrections put into the table; rows that they take out."""
    for line in sorted(lines, key=lambda x: x["action"] == "merge"):
        row, action = line["row_key"], line["action"]
        if action == "set" and line["column"] in table:
            table.loc[row, line["column"]] = line["new"]
        elif action == "new_id" and key in table:
            table.loc[row, key] = line["new"]
        elif action == "merge" and line["new"] in table.index:
            blank = table.loc[row] == ""
            table.loc[row, blank] = table.loc[line["new"], blank]
            yield line["new"]
        elif action == "drop":
            yield row


def _plain(text: str) -> str:
    """One form of a number that two exports write as ``1`` and as ``1.0``."""
    text = text.strip()
    whole, point, rest = text.partition(".")
    return whole if point and whole.lstrip("-").isdigit() and not rest.strip("0") else text
