"""``ddi.xml``: the study, its files and its variables as DDI Codebook 2.5, in both languages.

Written with the standard library, element by element in the order that the field-level
documentation of DDI Codebook 2.5 gives. The tests check names, nesting and order of the elements;
that is not a validation against the schema itself. No counts of answers stand here, so nothing in
the file can disclose an answer; places are named no finer than departments.
"""

from collections.abc import Mapping, Sequence
from xml.etree import ElementTree as ET

import pandas as pd

from evaluation.config.dictionary import Dictionary
from evaluation.config.plan import Plan
from evaluation.config.study import Study
from evaluation.config.toml_reader import Text
from evaluation.data.cleaning import file_metadata, stata_writer
from evaluation.data.cleaning.clean import MISSING
from evaluation.data.cleaning.codebook import construction
from evaluation.data.cleaning.file_metadata import CleanColumn, describe
from evaluation.locale.messages import wording

SOFTWARE = "evaluation"


def child(
    parent: ET.Element, tag: str, text: str = "", *, lang: str = "", **attributes: str
) -> ET.Element:
    """Append an element with its text, language and attributes."""
    if lang:
        attributes = {"xml:lang": lang, **attributes}
    element = ET.SubElement(parent, tag, attributes)
    element.text = text or None
    return element


def both(parent: ET.Element, tag: str, text: Text, **attributes: str) -> None:
    """Append an element in English and the same in Spanish."""
    for language in ("en", "es"):
        child(parent, tag, text[language], lang=language, **attributes)


def describe_document(root: ET.Element, study: Study) -> None:
    """Append the description of the document itself."""
    citation = child(child(root, "docDscr"), "citation")
    title = Text.of("ddi.codebook", title=file_metadata.title(study))
    _titles(citation, title, identifier=f"{study.id}-ddi")
    made = child(citation, "prodStmt")
    _producers(made, study)
    child(made, "software", SOFTWARE)


def describe_study(
    root: ET.Element, study: Study, dictionary: Dictionary, tables: Mapping[str, pd.DataFrame]
) -> None:
    """Append the description of the study, in the order that DDI prescribes."""
    entry = child(root, "stdyDscr")
    citation = child(entry, "citation")
    _titles(citation, file_metadata.title(study), identifier=study.id)
    if study.synthetic and study.publication is not None:
        # of real data the producers are named in the citation, by whoever wrote it
        _producers(child(citation, "prodStmt"), study)
    child(citation, "biblCit", study.citation.en, lang="en")
    facts = study.archive
    if facts is not None and facts.ethics is not None:
        both(child(entry, "studyAuthorization"), "authorizationStatement", facts.ethics)
    info = child(entry, "stdyInfo")
    both(info, "abstract", file_metadata.description(study))
    _summary(info, study, tables)
    _method(entry, study, dictionary)
    _access(entry, study)


def _producers(parent: ET.Element, study: Study) -> None:
    """The authors whom the study declares: where it declares none, nobody is named."""
    for name in study.publication.authors_in("en") if study.publication is not None else ():
        child(parent, "producer", name)


def _titles(citation: ET.Element, title: Text, *, identifier: str) -> None:
    statement = child(citation, "titlStmt")
    child(statement, "titl", title.en, lang="en")
    child(statement, "parTitl", title.es, lang="es")
    child(statement, "IDNo", identifier)


def _summary(info: ET.Element, study: Study, tables: Mapping[str, pd.DataFrame]) -> None:
    summary = child(info, "sumDscr")
    for tag in ("timePrd", "collDate"):
        for entry in study.round:
            for event, day in (("start", entry.start), ("end", entry.end)):
                iso = day.isoformat()
                child(summary, tag, iso, date=iso, event=event, cycle=entry.id)
    if study.archive is not None:
        both(summary, "nation", study.archive.nation, abbr=study.archive.nation_code)
    departments = _departments(study, tables)
    for name in departments:
        child(summary, "geogCover", name)
    if departments:
        both(summary, "geogUnit", Text.of("ddi.department"))
    both(summary, "anlyUnit", Text.of("ddi.person"))
    both(summary, "universe", study.population)
    kind = "ddi.synthetic-survey-data" if study.synthetic else "ddi.survey-data"
    both(summary, "dataKind", Text.of(kind))


def _departments(study: Study, tables: Mapping[str, pd.DataFrame]) -> list[str]:
    """Names of the departments in the panel, and of nothing smaller."""
    column = study.columns.department
    if column is None or column not in tables["panel"].columns:
        return []
    return sorted(str(name) for name in tables["panel"][column].dropna().unique())


def _method(entry: ET.Element, study: Study, dictionary: Dictionary) -> None:
    collected = child(child(entry, "method"), "dataColl")
    rounds = Text(
        en="; ".join(r.label.en for r in study.round), es="; ".join(r.label.es for r in study.round)
    )
    both(collected, "timeMeth", Text.of("ddi.rounds", rounds=rounds))
    facts = study.archive
    if facts is not None and facts.sampling is not None:
        both(collected, "sampProc", facts.sampling)
    weight = _weighting(study, dictionary)
    if weight is not None:
        both(collected, "weight", weight)
    both(collected, "cleanOps", Text.of("ddi.cleaning"))


def _weighting(study: Study, dictionary: Dictionary) -> Text | None:
    """As declared, or what the dictionary calls the weight; nothing where there is none."""
    if study.archive is not None and study.archive.weighting is not None:
        return study.archive.weighting
    column = study.columns.weight
    if column is None or column not in dictionary.variables:
        return None
    label = dictionary.variables[column].label
    return Text(en=f"{column}: {label.en}", es=f"{column}: {label.es}")


def _access(entry: ET.Element, study: Study) -> None:
    """One statement per language, because its parts may stand only once each."""
    conditions, description = file_metadata.access(study), file_metadata.description(study)
    for language in ("en", "es"):
        access = child(entry, "dataAccs", lang=language)
        use = child(access, "useStmt")
        child(use, "confDec", wording("ddi.confidential", language))
        child(use, "citReq", study.citation[language])
        child(use, "conditions", conditions[language])
        if study.mark:
            child(use, "disclaimer", description[language])


NAMESPACE = "ddi:codebook:2_5"
SCHEMA = "https://ddialliance.org/Specification/DDI-Codebook/2.5/XMLSchema/codebook.xsd"
ROOT = {
    "xmlns": NAMESPACE,
    "xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance",
    "xsi:schemaLocation": f"{NAMESPACE} {SCHEMA}",
    "version": "2.5",
    "xml:lang": "en",
}
PERSONAL = {
    "none": "none: neither identifying nor sensitive",
    "quasi": "quasi-identifier: may identify together with others",
    "sensitive": "sensitive: never published by person",
    "direct": "direct: replaced by a random id",
}
DAYS = {"date": "YYYY-MM-DD", "datetime": "YYYY-MM-DD hh:mm:ss"}
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
    root = ET.Element("codeBook", ROOT)
    describe_document(root, study)
    describe_study(root, study, dictionary, tables)
    described = {
        name: describe(table, dictionary, plan, study) for name, table in sorted(tables.items())
    }
    for name, columns in described.items():
        _file(root, name, columns, rows=len(tables[name]))
    _data(root, described, dictionary, study)
    ET.indent(root)
    return ET.tostring(root, encoding="utf-8", xml_declaration=True) + b"\n"


def _file(root: ET.Element, name: str, columns: Sequence[CleanColumn], *, rows: int) -> None:
    entry = child(root, "fileDscr", ID=f"F_{name}", URI=f"{name}.csv")
    about = child(entry, "fileTxt")
    child(about, "fileName", f"{name}.csv")
    child(about, "fileCont", wording(f"ddi.contents.{name}", "en"), lang="en")
    sizes = child(about, "dimensns")
    child(sizes, "caseQnty", str(rows))
    child(sizes, "varQnty", str(len(columns)))
    child(about, "fileType", "CSV, UTF-8, comma-separated, names in the first line")
    letters = stata_writer.letters("en")
    why = f"the reason stands in the column x{MISSING}. In the Stata files: {letters}."
    child(about, "dataMsng", f"Empty cells; {why}")
    child(entry, "notes", wording(f"ddi.contents.{name}", "es"), lang="es")


def _data(
    root: ET.Element,
    described: Mapping[str, Sequence[CleanColumn]],
    dictionary: Dictionary,
    study: Study,
) -> None:
    """Groups of variables, one per module, and the variables; each says which files hold it."""
    places: dict[str, list[str]] = {}
    columns: dict[str, CleanColumn] = {}
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


def _variable(data: ET.Element, column: CleanColumn, places: Sequence[str], study: Study) -> None:
    entry = child(data, "var", **_attributes(column, places, study))
    both(entry, "labl", column.label)
    child(entry, "security", PERSONAL[column.personal], lang="en")
    question = column.question
    if question is not None:
        for language in ("en", "es"):
            asked = child(entry, "qstn", lang=language)
            child(asked, "qstnLit", question[language], lang=language)
    variable, outcome = column.variable, column.outcome
    if variable is not None and variable.range:
        low, high = variable.range
        child(child(entry, "valrng"), "range", UNITS="REAL", min=_plain(low), max=_plain(high))
    if variable is not None and variable.asked_if:
        rule = variable.asked_if
        values = ", ".join(map(_plain, rule.values))
        both(entry, "universe", Text.of("ddi.asked-if", variable=rule.variable, values=values))
    _categories(entry, column)
    if outcome is not None:
        child(child(entry, "derivation"), "drvdesc", construction(outcome), lang="en")
    _format(entry, column)
    if variable is not None:
        named = study.source_in(variable.source, "es")
        both(entry, "notes", Text.of("ddi.source", source=Text(en=variable.source, es=named)))


def _attributes(column: CleanColumn, places: Sequence[str], study: Study) -> dict[str, str]:
    variable = column.variable
    kept = {"ID": f"V_{column.name}", "name": column.name, "files": " ".join(places)}
    if column.name == study.columns.weight:
        kept["wgt"] = "wgt"
    kept["intrvl"] = "contin" if column.storage == "number" else "discrete"
    if column.unit:
        kept["measUnit"] = column.unit
    if variable is not None and variable.type in NATURES:
        kept["nature"] = NATURES[variable.type]
    if column.storage in DAYS:
        kept["temporal"] = "Y"
    if column.name in (study.columns.cluster, study.columns.department, study.columns.subregion):
        kept["geog"] = "Y"
    return kept


def _categories(entry: ET.Element, column: CleanColumn) -> None:
    for value, label in column.codes:
        category = child(entry, "catgry")
        child(category, "catValu", _plain(value))
        both(category, "labl", label)
    for kind in column.missing:
        # text has no extended missing values; its kinds stand in the companion column only
        if column.storage != "string":
            category = child(entry, "catgry", missing="Y", missType=kind)
            child(category, "catValu", f".{stata_writer.MISSING_LETTERS[kind]}")
            both(category, "labl", Text.of(f"missing-label.{kind}"))


def _format(entry: ET.Element, column: CleanColumn) -> None:
    if column.storage in DAYS:
        child(entry, "varFormat", DAYS[column.storage], type="character", category="date")
    else:
        child(entry, "varFormat", type="character" if column.storage == "string" else "numeric")


def _plain(value: float | str) -> str:
    return f"{value:.15g}" if isinstance(value, float) else value
