"""How many people's interviews differ between what two releases were made from.

An interview left, entered, or has another answer. Its answers are those after the ledger; an id,
the order of rows, columns that only one side has, and a column that most interviews have written
otherwise (another export, another coding) are no change of an answer.
"""

import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from evaluation.config.study import LEDGER
from evaluation.file_content import dict_rows
from evaluation.storage import disk

LINE, USED, ARM = "__line__", "__in_analysis__", "__arm__"
# Which interviews the analysis had, kept with a release: where a rule left some out, they left it.
INTERVIEWS = "interviews.parquet"
# More than this share of what both have: a column is written otherwise, or ids are the same ones.
MOST = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseInputs:
    """Where the inputs of a release lie.

    Attributes
    ----------
    raw : Path
        Folder of the delivered tables.
    config : Path
        Folder of manifest and ledger.
    analysed : DataFrame or None
        Round and row key of the interviews that the analysis had, and their ``arm`` where it was
        kept.
    """

    raw: Path
    config: Path
    analysed: pd.DataFrame | None

    @classmethod
    def kept(cls, folder: Path) -> "ReleaseInputs":
        """Of a release's private copy."""
        analysed = folder / INTERVIEWS
        return cls(
            raw=folder,
            config=folder,
            analysed=disk.read_frame(analysed) if analysed.is_file() else None,
        )


def people_changed(
    before: ReleaseInputs, now: ReleaseInputs, respondents: Mapping[str, str]
) -> int:
    """People with an interview that left, entered or has another answer.

    Parameters
    ----------
    before, now : ReleaseInputs
    respondents : mapping of str to str
        Raw column of the respondent id, by source: files of other sources hold no interviews.

    Returns
    -------
    int
        Of the arms and rounds that differ the one with the fewest, as the levels of each are
        published too. Where ids do not last, the least number that explains the difference.
    """
    counts = []
    for source, key in respondents.items():
        old, new = _interviews(before, source, key), _interviews(now, source, key)
        if before.analysed is None or now.analysed is None:
            old, new = (t.drop(columns=USED, errors="ignore") for t in (old, new))
        counts += _changed(old, new, key)
    return min(filter(None, counts), default=0)


def _changed(old: pd.DataFrame, new: pd.DataFrame, key: str) -> list[int]:
    """People of one source who differ, by arm.

    They are known by their ids or, where these do not last, by contents. An interview of which no
    arm was kept, as in what was published before arms were, is of an arm of its own.
    """
    columns = [c for c in old.columns.intersection(new.columns, sort=False) if c not in (key, ARM)]
    if key in old and key in new:
        one, other = (t.drop_duplicates(key, keep=False).set_index(key) for t in (old, new))
        both = one.index.intersection(other.index)
        if len(both) > MOST * min(len(one), len(other)):
            shared = [c for c in columns if (one.loc[both, c] != other.loc[both, c]).mean() <= MOST]
            before, after = (_by_person(t, key, shared) for t in (old, new))
            everybody = before.keys() | after.keys()
            arms = {**_arms(old, key), **_arms(new, key)}
            return [
                *Counter(
                    arms.get(p, "") for p in everybody if before.get(p) != after.get(p)
                ).values()
            ]
    found = [_unexplained(*pair, columns) for pair in _by_arm(old, new)]
    if sum(n for n, _ in found) > MOST * max(len(old), len(new)):
        # where everybody is written otherwise only the number of interviews can be compared
        return [apart for _, apart in found]
    return [n for n, _ in found]


def _unexplained(old: pd.DataFrame, new: pd.DataFrame, columns: list[str]) -> tuple[int, int]:
    """How many interviews differ at least, by their contents and by their number."""
    left, entered = (Counter(_contents(t, columns)) for t in (old, new))
    return max((left - entered).total(), (entered - left).total()), abs(len(old) - len(new))


def _by_arm(old: pd.DataFrame, new: pd.DataFrame) -> Iterator[tuple[pd.DataFrame, pd.DataFrame]]:
    """Both tables, arm by arm where both have it."""
    if ARM not in old or ARM not in new:
        yield old, new
        return
    for arm in sorted({*old[ARM], *new[ARM]}):
        yield old[old[ARM] == arm], new[new[ARM] == arm]


def _arms(table: pd.DataFrame, key: str) -> dict[str, str]:
    """The arm of each person of whom it was kept."""
    known = table[table[ARM] != ""] if ARM in table else table[:0].assign(**{ARM: ""})
    return dict(zip(known[key].astype(str), known[ARM], strict=True))


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


def _interviews(inputs: ReleaseInputs, source: str, key: str) -> pd.DataFrame:
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


def _used(analysed: pd.DataFrame | None, source: str) -> Mapping[str, str]:
    """Arms of the interviews of a source that were analysed, by row key."""
    if analysed is None:
        return {}
    here = analysed[analysed["round"].astype(str) == source]
    arms = here["arm"] if "arm" in here else [""] * len(here)
    return dict(zip(here["row_key"].astype(str), map(str, arms), strict=True))


def _corrected(
    table: pd.DataFrame,
    file: Mapping[str, Any],
    lines: list[dict[str, str]],
    key: str,
    used: Mapping[str, str],
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
    if any(used.values()):
        table = table.assign(**{ARM: [used.get(row, "") for row in table.index]})
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
