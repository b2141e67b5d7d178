"""What a study's delivered files hold that must not be published: ids, answers, places.

REQUIRES tables as delivered. The frame lists the study's places; a column of a survey file that
says the same in all rows of a place, and something else in every other place, names places too.
"""

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from evaluation.config.declared import read_files
from evaluation.config.dictionary import Dictionary, Variable
from evaluation.config.manifest import SURVEY_ROLES, RawFile
from evaluation.config.preregistration import read_promise
from evaluation.config.study import Study
from evaluation.data.readers.delivered_files import locate
from evaluation.data.readers.read import read_file
from evaluation.release import identifier_scan
from evaluation.release.identifiers import person_rows
from evaluation.release.identifiers.pattern_places import normal
from evaluation.release.identifiers.person_rows import Persons
from evaluation.storage import disk, folders

# of the rows of a list of places, how many must have a name of their own for a column of names
MOSTLY = 0.9
# as many rows of a place must agree before that says something
FEWEST_ROWS = 2


def folded(text: str) -> str:
    """A name without accents, case and doubled blanks: files write the same place differently."""
    bare = unicodedata.normalize("NFD", text)
    letters = "".join(c for c in bare if not unicodedata.combining(c))
    return " ".join(letters.casefold().split())


def is_name(text: str) -> bool:
    """Whether a text is made of words: a name has letters, and no digit."""
    return any(c.isalpha() for c in text) and not any(c.isdigit() for c in text)


def names_in_frame(column: pd.Series) -> frozenset[str]:
    """Values of a column of the frame that is a list of names; empty for any other column.

    Parameters
    ----------
    column : Series
        Texts, one for each cluster.
    """
    values = _texts(column)
    named = [value for value in values if is_name(value)]
    # a category (a department, urban or rural) stands in many rows, a name in one
    if not len(values) or len(named) < MOSTLY * len(values):
        return frozenset()
    return frozenset(named) if len(set(named)) >= MOSTLY * len(named) else frozenset()


def names_by_cluster(column: pd.Series, clusters: pd.Series) -> frozenset[str]:
    """Values of a column that each stand for one cluster; empty for any other column.

    Parameters
    ----------
    column, clusters : Series
        Texts of a survey file's rows, and the cluster of each row.
    """
    values = _texts(column)
    named = values[values.map(is_name).to_numpy(dtype=bool)]
    if not len(values) or len(named) < MOSTLY * len(values):
        return frozenset()
    places = clusters.loc[named.index].astype(str)
    by_place = named.groupby(places)
    several = by_place.size() >= FEWEST_ROWS
    alike = named == by_place.transform("first")
    if not several.any() or not alike.all() or several.sum() < MOSTLY * len(several):
        return frozenset()
    return frozenset(named) if named.nunique() >= MOSTLY * places.nunique() else frozenset()


def without_places(values: Iterable[str], names: Iterable[str]) -> set[str]:
    """Values that are not the name of a place, however it is written.

    Parameters
    ----------
    values : iterable of str
    names : iterable of str
        Of places.
    """
    known = {folded(name) for name in names}
    return {value for value in values if folded(value) not in known}


def _texts(column: pd.Series) -> pd.Series:
    texts = column.dropna().astype(str).str.strip()
    return texts[texts != ""]


# files with rows of persons
PERSONS = (*SURVEY_ROLES, "backcheck", "contacts")
# files of a panel with rows of what happened to persons
EVENTS = "events"
# Names in the raw files of clusters; several stand in one cell.
ALIASES = "aliases"
# In a column that nobody describes, shorter codes are like words and numbers of any text.
SHORTEST_CODE = 7
CATEGORY = 10
# of a file's rows, how many share a code that is no id
SHARED = 0.1
Declared = tuple[Dictionary, Study]


@dataclass(slots=True)
class _Found:
    """What the files have been found to hold.

    Attributes
    ----------
    ids, answers : set of str
        Codes of persons, and texts that a person may have said.
    places : set of str
        Names and codes of clusters, which must not be published.
    names : set of str
        All names of the study's places, departments too: whoever says one says nothing of himself.
    rows : dict of str to int
        By id in lower case, in how many rows of a file it is.
    """

    ids: set[str] = field(default_factory=set)
    answers: set[str] = field(default_factory=set)
    places: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)
    rows: dict[str, int] = field(default_factory=dict)

    def count(self, table: pd.DataFrame) -> None:
        """Count the rows of a file that hold each id."""
        for name in table.columns:
            cells = table[name].dropna().astype(str).str.strip()
            for text, count in cells[cells.isin(self.ids)].value_counts().items():
                known = normal(str(text)).lower()
                self.rows[known] = max(self.rows.get(known, 0), int(count))

    def name(self, values: Iterable[str]) -> None:
        """Take names of clusters."""
        listed = set(values)
        self.places |= listed
        self.names |= listed


def known_of(paths: folders.Paths, study: Study) -> identifier_scan.KnownValues:
    """What the study's own raw files hold that must not be published.

    Parameters
    ----------
    paths : Paths
        The study's folders: the tables that were read, and the delivered files for the columns
        that reading leaves out.
    study : Study
        Its variables of persons, interviewers and clusters.
    """
    _, manifest, dictionary = read_files(paths.config)
    found = _Found()
    files = manifest.file
    if study.panel is not None:
        # of its places all but these are public, and of its files only events are of persons
        found.name(_private_places(paths))
        files = tuple(file for file in files if file.role in (EVENTS, "frame"))
    for file in files:
        raw = paths.private / "raw" / f"{file.id}.parquet"
        table = disk.read_frame(raw) if raw.is_file() else pd.DataFrame()
        _described(found, table, file, (dictionary, study))
        whole = _whole(table, file, paths)
        _ignored(found, whole, file, (dictionary, study))
        found.count(whole)
    answers = without_places(found.answers, found.names) - {study.mark}
    telling = {
        p
        for p in (name.strip().lower() for name in found.places)
        if identifier_scan.is_telling_place(p)
    }
    return identifier_scan.KnownValues(
        ids=frozenset(found.ids),
        rows=found.rows,
        answers=identifier_scan.answers_by_word(answers),
        altered=identifier_scan.altered_of(answers),
        places=frozenset(p for p in telling if p.isalnum()),
        place_names=tuple(sorted(p for p in telling if not p.isalnum())),
        folders=(Path.cwd().as_posix(),),
        public_places=study.panel is not None,
        persons=_persons(paths, study, dictionary),
    )


def _persons(paths: folders.Paths, study: Study, dictionary: Dictionary) -> Persons | None:
    """Clean rows of persons, where they were made; a panel has none."""
    path = paths.clean / "panel.parquet"
    if study.panel is not None or not path.is_file():
        return None
    plan = read_promise(paths.config, study, dictionary).plan
    declared, few = (dictionary, plan), study.minimum_cell
    return person_rows.persons(disk.read_frame(path), disk.sha256(path), declared, fewer_than=few)


def _private_places(paths: folders.Paths) -> Iterator[str]:
    """Codes and names of treated places that a private list names and no public one."""
    path = paths.private / folders.UNNAMED
    if not path.is_file():
        return
    for code, name in disk.read_frame(path)[["code", "name"]].itertuples(index=False):
        yield code
        # a name that a department or a public place shares identifies nobody
        if name:
            yield from (name, folded(name))


def _described(found: _Found, table: pd.DataFrame, file: RawFile, declared: Declared) -> None:
    """Take the values of columns that the dictionary describes."""
    dictionary, study = declared
    for name, column in _columns(dictionary, file).items():
        if column not in table.columns:
            continue
        values, variable = _values(table, [column]), dictionary.variables[name]
        if name in _id_names(study):
            found.ids |= {v for v in values if identifier_scan.is_telling_id(v)}
        elif file.role in (*PERSONS, EVENTS) and variable.personal == "direct":
            found.ids |= {v for v in values if _is_code(v)}
            found.answers |= values
        elif study.panel is not None:
            if variable.type == "text":
                # places as the files call them, or what is told of somebody
                (found.names if variable.personal == "none" else found.answers).update(values)
        elif file.role in PERSONS and variable.type == "text":
            found.answers |= values
        elif file.role == "frame":
            _of_frame(found, table[column], variable, study)


def _of_frame(found: _Found, column: pd.Series, variable: Variable, study: Study) -> None:
    """Take the names that a column of a survey's list of places holds."""
    values = set(_texts(column))
    if variable.name in (study.columns.cluster, ALIASES):
        found.name(part for value in values for part in value.split("|"))
    elif variable.name in (study.columns.department, study.columns.subregion):
        found.names |= values
    elif variable.type == "text":
        found.name(names_in_frame(column))


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


def _whole(table: pd.DataFrame, file: RawFile, paths: folders.Paths) -> pd.DataFrame:
    """The file with the columns that reading leaves out, as far as it is at hand."""
    if not set(file.ignore_columns) - set(table.columns):
        return table
    path = locate(file, paths.raw, paths.config)
    return read_file(file, path).frame if path.is_file() else table


def _ignored(found: _Found, table: pd.DataFrame, file: RawFile, declared: Declared) -> None:
    """Take the values of columns that the study leaves out: remarks, devices, keys, places."""
    dictionary, study = declared
    cluster = dictionary.variables[study.columns.cluster].raw.get(file.source, "")
    for name in sorted(set(file.ignore_columns) & set(table.columns)):
        column = table[name].dropna().astype(str).str.strip()
        if study.panel is not None and file.role == "frame":
            found.names |= set(column)
            continue
        if file.role == "frame":
            places = names_in_frame(column)
            # no row of the frame is a person: its other words are categories of places
            found.names |= {value for value in column if is_name(value)}
        elif file.role in PERSONS and cluster in table.columns:
            places = names_by_cluster(column, table[cluster])
        else:
            places = frozenset()
        found.name(places)
        counts = {str(text): int(count) for text, count in column.value_counts().items() if text}
        # what many rows share (the version of a form) says nothing of one of them
        shared = {v for v, count in counts.items() if count > 1 and count >= SHARED * len(table)}
        found.ids |= {v for v in counts if _is_code(v)} - shared
        # what many rows say is a category (the name of a group, a yes), not what a person said
        said = {text for text, count in counts.items() if count < CATEGORY}
        found.answers |= {text for text in said if not _is_code(text)} - places
