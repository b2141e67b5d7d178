"""What a study's delivered files hold that must not be published: ids, answers, places."""

from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from evaluation import io
from evaluation.cli import stage
from evaluation.data.leaks import (
    Known,
    answers_by_word,
    is_telling_id,
    is_telling_place,
)
from evaluation.data.read import read_file
from evaluation.data.verify import locate
from evaluation.spec.configuration import FILE_SOURCES
from evaluation.spec.dictionary import Dictionary
from evaluation.spec.dictionary_rules import read_dictionary
from evaluation.spec.manifest import SURVEY_ROLES, RawFile, read_manifest
from evaluation.spec.study import Study

# files with rows of persons
PERSONS = (*SURVEY_ROLES, "backcheck", "contacts")
# Names in the raw files of clusters; several stand in one cell.
ALIASES = "aliases"
# In a column that nobody describes, shorter codes are like words and numbers of any text.
SHORTEST_CODE = 7


def known_of(paths: stage.Paths, study: Study) -> Known:
    """What the study's own raw files hold that must not be published.

    Parameters
    ----------
    paths : Paths
        The study's folders: the tables that were read, and the delivered files for the columns
        that reading leaves out.
    study : Study
        Its variables of persons, interviewers and clusters.
    """
    dictionary = read_dictionary(paths.config, (*study.rounds, *FILE_SOURCES))
    ids: set[str] = set()
    answers: set[str] = set()
    places: set[str] = set()
    for file in read_manifest(paths.config, study).file:
        raw = paths.private / "raw" / f"{file.id}.parquet"
        table = io.read_frame(raw) if raw.is_file() else pd.DataFrame()
        for name, column in _columns(dictionary, file).items():
            if column not in table.columns:
                continue
            values = _values(table, [column])
            variable = dictionary.variables[name]
            if name in _id_names(study):
                ids |= {v for v in values if is_telling_id(v)}
            elif file.role in PERSONS and variable.personal == "direct":
                ids |= {v for v in values if _is_code(v)}
                answers |= values
            elif file.role in PERSONS and variable.type == "text":
                answers |= values
            elif file.role == "frame" and name in (study.columns.cluster, ALIASES):
                places |= {p.strip().lower() for v in values for p in v.split("|")}
        ignored = _ignored(file, table, paths)
        ids |= {v for v in ignored if _is_code(v)}
        answers |= {v for v in ignored if not _is_code(v) and v != study.mark}
    telling = {p for p in places if is_telling_place(p)}
    return Known(
        ids=frozenset(ids),
        answers=answers_by_word(answers),
        places=frozenset(p for p in telling if p.isalnum()),
        place_names=tuple(sorted(p for p in telling if not p.isalnum())),
        folders=(Path.cwd().as_posix(),),
    )


def _id_names(study: Study) -> set[str]:
    """Variables whose values are ids of persons: respondents, interviewers, sampled units."""
    contacts = study.contacts
    named = {study.columns.respondent, study.columns.enumerator}
    named |= {contacts.unit, contacts.replaces} if contacts is not None else set()
    return {name for name in named if name}


def _columns(dictionary: Dictionary, file: RawFile) -> dict[str, str]:
    return {v.name: v.raw[file.source] for v in dictionary.in_source(file.source)}


def _values(table: pd.DataFrame, columns: Iterable[str]) -> set[str]:
    return {str(v).strip() for c in columns for v in table[c].dropna().unique()} - {""}


def _is_code(text: str) -> bool:
    """Whether a value is a code by itself: one word with a digit, and no number with decimals."""
    return (
        len(text) >= SHORTEST_CODE
        and not any(letter.isspace() for letter in text)
        and (text.isdigit() or (any(c.isdigit() for c in text) and any(c.isalpha() for c in text)))
    )


CATEGORY = 10


def _ignored(file: RawFile, table: pd.DataFrame, paths: stage.Paths) -> set[str]:
    """Values of columns that the study leaves out of its build: remarks, devices, keys."""
    wanted = set(file.ignore_columns)
    if wanted - set(table.columns):
        path = locate(file, paths.raw, paths.config)
        if not path.is_file():
            return set()
        table = read_file(file, path).frame
    found = [
        table[name].dropna().astype(str).str.strip() for name in sorted(wanted & set(table.columns))
    ]
    # what many rows say is a category (the name of a group, a yes), not what a person said
    return {
        str(text)
        for column in found
        for text, count in column.value_counts().items()
        if text and (count < CATEGORY or _is_code(str(text)))
    }
