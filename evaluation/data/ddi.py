"""``ddi.xml``: the study, its files and its variables as DDI Codebook 2.5, in both languages.

Written with the standard library, element by element in the order that the field-level
documentation of DDI Codebook 2.5 gives. The tests check names, nesting and order of the elements;
that is not a validation against the schema itself. No counts of answers stand here, so nothing in
the file can disclose an answer; places are named no finer than departments.
"""

from collections.abc import Mapping, Sequence
from xml.etree import ElementTree as ET

import pandas as pd

from evaluation.data import ddi_study, stata_rows
from evaluation.data.clean import MISSING
from evaluation.data.codebook import construction
from evaluation.data.columns import Column, describe
from evaluation.data.ddi_study import both, child
from evaluation.locale.messages import wording
from evaluation.spec.dictionary import MISSING_KINDS, Dictionary
from evaluation.spec.load import Text
from evaluation.spec.plan import Plan
from evaluation.spec.study import Study

NAMESPACE = "ddi:codebook:2_5"
SCHEMA = "https://ddialliance.org/Specification/DDI-Codebook/2.5/XMLSchema/codebook.xsd"
PERSONAL = {
    "none": "none: neither identifying nor sensitive",
    "quasi": "quasi-identifier: may identify together with others",
    "sensitive": "sensitive: never published by person",
    "direct": "direct: replaced by a random id",
}
NATURES = {"binary": "nominal", "nominal": "nominal", "ordinal": "ordinal", "count": "ratio"}


def ddi(
    tables: Mapping[str, pd.DataFrame], dictionary: Dictionary, plan: Plan, study: Study
) -> bytes:
    """Describe a study and its clean files for an archive.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        Clean tables by name: ``panel``, and ``analysis`` and ``series`` where they are.
    dictionary, plan, study
        What was declared.

    Returns
    -------
    bytes
        The XML document in UTF-8; the bytes depend on the content alone.
    """
    root = ET.Element(
        "codeBook",
        {
            "xmlns": NAMESPACE,
            "xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance",
            "xsi:schemaLocation": f"{NAMESPACE} {SCHEMA}",
            "version": "2.5",
            "xml:lang": "en",
        },
    )
    ddi_study.describe_document(root, study)
    ddi_study.describe_study(root, study, dictionary, tables)
    described = {
        name: describe(table, dictionary, plan, study) for name, table in sorted(tables.items())
    }
    for name, columns in described.items():
        _file(root, name, columns, rows=len(tables[name]))
    _data(root, described, dictionary, study)
    ET.indent(root)
    return ET.tostring(root, encoding="utf-8", xml_declaration=True) + b"\n"


def _file(root: ET.Element, name: str, columns: Sequence[Column], *, rows: int) -> None:
    entry = child(root, "fileDscr", ID=f"F_{name}", URI=f"{name}.csv")
    about = child(entry, "fileTxt")
    child(about, "fileName", f"{name}.csv")
    child(about, "fileCont", wording(f"ddi.contents.{name}", "en"), lang="en")
    sizes = child(about, "dimensns")
    child(sizes, "caseQnty", str(rows))
    child(sizes, "varQnty", str(len(columns)))
    child(about, "fileType", "CSV, UTF-8, comma-separated, names in the first line")
    letters = ", ".join(
        f".{stata_rows.MISSING_LETTERS[kind]} {wording(f'missing-label.{kind}', 'en')}"
        for kind in MISSING_KINDS
    )
    child(
        about,
        "dataMsng",
        f"Empty cells; the reason stands in the column x{MISSING}. In the Stata files: {letters}.",
    )
    child(entry, "notes", wording(f"ddi.contents.{name}", "es"), lang="es")


def _data(
    root: ET.Element,
    described: Mapping[str, Sequence[Column]],
    dictionary: Dictionary,
    study: Study,
) -> None:
    """Groups of variables, one per module, and the variables; each says which files hold it."""
    places: dict[str, list[str]] = {}
    columns: dict[str, Column] = {}
    for file, listed in described.items():
        for column in listed:
            places.setdefault(column.name, []).append(f"F_{file}")
            columns.setdefault(column.name, column)
    data = child(root, "dataDscr")
    for module in dictionary.modules:
        members = [f"V_{v.name}" for v in module.variable if v.name in columns]
        if members:
            group = child(
                data, "varGrp", ID=f"G_{module.module}", type="subject", var=" ".join(members)
            )
            both(group, "labl", module.title)
    for column in columns.values():
        _variable(data, column, places[column.name], study)


def _variable(data: ET.Element, column: Column, places: Sequence[str], study: Study) -> None:
    entry = child(data, "var", **_attributes(column, places, study))
    both(entry, "labl", column.label)
    child(entry, "security", PERSONAL[column.personal], lang="en")
    _question(entry, column.question)
    variable, outcome = column.variable, column.outcome
    if variable is not None and variable.range:
        low, high = variable.range
        child(child(entry, "valrng"), "range", UNITS="REAL", min=_plain(low), max=_plain(high))
    if variable is not None and variable.asked_if:
        rule = variable.asked_if
        values = ", ".join(map(_plain, rule.values))
        both(
            entry,
            "universe",
            Text.of("ddi.asked-if", variable=rule.variable, values=values),
        )
    _categories(entry, column)
    if outcome is not None:
        child(child(entry, "derivation"), "drvdesc", construction(outcome), lang="en")
    _format(entry, column)
    if variable is not None:
        named = study.source_in(variable.source, "es")
        both(entry, "notes", Text.of("ddi.source", source=Text(en=variable.source, es=named)))


def _attributes(column: Column, places: Sequence[str], study: Study) -> dict[str, str]:
    variable = column.variable
    kept = {"ID": f"V_{column.name}", "name": column.name, "files": " ".join(places)}
    if column.name == study.columns.weight:
        kept["wgt"] = "wgt"
    kept["intrvl"] = "contin" if column.storage == "number" else "discrete"
    if column.unit:
        kept["measUnit"] = column.unit
    if variable is not None and variable.type in NATURES:
        kept["nature"] = NATURES[variable.type]
    if column.storage in ("date", "datetime"):
        kept["temporal"] = "Y"
    if column.name in (study.columns.cluster, study.columns.department, study.columns.subregion):
        kept["geog"] = "Y"
    return kept


def _question(entry: ET.Element, question: Text | None) -> None:
    if question is None:
        return
    for language in ("en", "es"):
        asked = child(entry, "qstn", lang=language)
        child(asked, "qstnLit", question[language], lang=language)


def _categories(entry: ET.Element, column: Column) -> None:
    for value, label in column.codes:
        category = child(entry, "catgry")
        child(category, "catValu", _plain(value))
        both(category, "labl", label)
    for kind in column.missing:
        # text has no extended missing values; its kinds stand in the companion column only
        if column.storage != "string":
            category = child(entry, "catgry", missing="Y", missType=kind)
            child(category, "catValu", f".{stata_rows.MISSING_LETTERS[kind]}")
            both(category, "labl", Text.of(f"missing-label.{kind}"))


def _format(entry: ET.Element, column: Column) -> None:
    kind = "character" if column.storage == "string" else "numeric"
    if column.storage in ("date", "datetime"):
        pattern = "YYYY-MM-DD" if column.storage == "date" else "YYYY-MM-DD hh:mm:ss"
        child(entry, "varFormat", pattern, type="character", category="date")
        return
    child(entry, "varFormat", type=kind)


def _plain(value: float | str) -> str:
    return f"{value:.15g}" if isinstance(value, float) else value
