"""Columns of a delivery that hold persons' names, telephones or places, looked at on arrival.

Only columns that the study does not use: unexpected ones and those of ``ignore_columns``. What
somebody decided of a column is the reason in ``personal_columns`` of its file in ``manifest.toml``.
"""

import re
from collections.abc import Iterator, Sequence

import pandas as pd

from evaluation.config.dictionary import Dictionary
from evaluation.config.manifest import SURVEY_ROLES
from evaluation.data.findings import LINE, Rule
from evaluation.data.readers.read import RawTable
from evaluation.estimation.records import Finding
from evaluation.release.identifier_patterns import pattern_hits
from evaluation.release.identifiers.pattern_places import PARTING, normal
from evaluation.release.personal_names import ANY_SURNAME, FIRST, PATTERN, fold

KINDS = ("names", "telephones", "places", "cards", "mails", "births", "texts")
IGNORED = {kind: Rule("personal-column", "warn", f"looks-like-{kind}", "ask-without-column")
           for kind in KINDS}  # fmt: skip
UNEXPECTED = {kind: Rule("personal-column", "error", f"looks-like-{kind}", "ask-without-column")
              for kind in KINDS}  # fmt: skip
OF_PERSONS = (*SURVEY_ROLES, "backcheck", "contacts", "events")
# a list of places names them and says where they are; but not whom to call there
OF_PLACES = ("telephones", "cards", "mails")
# Share of different values that must look so; of a column that is called so, half of that. A
# category (a district with the name of a general) has few values in many rows.
MOSTLY, MOST_ALIKE = 0.5, 0.5
FOUND_BY = {
    "names": {"name"},
    "telephones": {"mobile", "phone"},
    "places": {"gps"},
    "cards": {"cedula"},
    "mails": {"e-mail"},
    "births": {"birth"},
}
CALLED = {
    "names": r"nombre|apellido|(?<![a-z])(?:full|first|last|sur|resp\w*)_?name|^name",
    "telephones": r"(?<![a-z])(?:tel|cel|phone|m[oó]vil|whats|contacto?)",
    "places": r"(?<![a-z])(?:lat|lon|lng|gps|coord|ubic)",
    "births": r"nac(?![a-z])|nacimiento|birth|(?<![a-z])dob(?![a-z])",
}
LOOKS = {
    "names": r"[^\W\d_]{2,}(?:[ ,.]{1,2}[^\W\d_]+){1,5}",
    "telephones": r"[+(]?\d[\d ().-]{5,18}\d",
    "places": r"-?\d{1,2}[.,]\d{3,}(?:[ ,;]+-?\d+(?:[.,]\d+)?){0,3}",
    "births": r"(?:19|20)\d\d[-/.]?\d\d[-/.]?\d\d.*|\d{1,2}[-/.]\d{1,2}[-/.](?:19|20)?\d\d",
}
# what of a text's hits says something of somebody; a bare number in it may be anything
IN_TEXTS = {"name", "mobile", "phone", "e-mail", "cedula", "gps", "birth", "profile", "address"}


def findings(table: RawTable, dictionary: Dictionary) -> tuple[Finding, ...]:
    """Columns that nobody uses and that look like what identifies persons, without any value.

    Parameters
    ----------
    table : RawTable
        As delivered, with the columns that reading leaves out.
    dictionary : Dictionary
        Describes the columns that are used.

    Returns
    -------
    tuple of Finding
        An error for an unexpected column, a warning for an ignored one; none where the manifest
        has a reason for it.
    """
    file = table.file
    kinds: Sequence[str] = KINDS if file.role in OF_PERSONS else ()
    if file.role == "frame":
        kinds = OF_PLACES
    described = {variable.raw[file.source] for variable in dictionary.in_source(file.source)}
    decided = {entry.column for entry in file.personal_columns if entry.reason.strip()}
    found = []
    for name in map(str, table.frame.columns):
        if name in described or name == LINE or name in decided:
            continue
        kind = kind_of(table.frame[name], name)
        if kind in kinds:
            rules = IGNORED if name in file.ignore_columns else UNEXPECTED
            found.append(rules[kind].about(file, name))
    return tuple(found)


def kind_of(column: pd.Series, head: str) -> str:
    """What a column looks like: one of the kinds, or nothing.

    Parameters
    ----------
    column : Series
        Texts as delivered.
    head : str
        What the file calls it.
    """
    texts = column.dropna().astype(str).str.strip()
    texts = texts[texts != ""]
    values = [normal(value) for value in texts.unique()]
    if not values:
        return ""
    various = len(values) > MOST_ALIKE * len(texts)
    cells, small = list(_hits(values, cells=True)), head.lower()
    for kind in KINDS[:-1]:
        found = {i for i, rule in cells if rule in FOUND_BY[kind]}
        if kind == "names":
            found |= {i for i, value in enumerate(values) if _is_listed(value)}
        called = kind in CALLED and re.search(CALLED[kind], small) is not None
        if called:
            found |= {i for i, v in enumerate(values) if re.fullmatch(LOOKS[kind], v)}
        if various and len(found) >= MOSTLY * (0.5 if called else 1) * len(values):
            return kind
    telling = any(rule in IN_TEXTS for _, rule in _hits(values, cells=False))
    return "texts" if telling else ""


def _hits(values: Sequence[str], *, cells: bool) -> Iterator[tuple[int, str]]:
    """Number of the value and rule of everything found, each value a line of its own."""
    text = "\n".join(value.replace("\n", " ") for value in values)
    lower = text.lower()
    words = set(lower.translate(PARTING).split())
    words |= {piece for word in words if "_" in word for piece in word.split("_")}
    for rule, (start, end) in pattern_hits(text, lower, words, cells=cells):
        begin = end - len(text[start:end].lstrip())
        # what begins in one value and ends in another is in neither
        if "\n" not in text[begin:end]:
            yield text.count("\n", 0, begin), rule


def _is_listed(value: str) -> bool:
    """Whether a value is a listed first name and surname, in any order, and nothing else."""
    words = [fold(word) for word in PATTERN["name"].findall(value)]
    alone = re.fullmatch(r"[^\W\d_]+(?:[ ,.]{1,2}[^\W\d_]+)+", value) is not None
    return alone and not FIRST.isdisjoint(words) and not ANY_SURNAME.isdisjoint(words)
