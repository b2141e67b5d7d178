"""The parts of a DDI Codebook that describe the document and the study."""

import datetime
from collections.abc import Mapping
from xml.etree import ElementTree as ET

import pandas as pd

from evaluation.data import terms
from evaluation.locale.messages import wording
from evaluation.spec.dictionary import Dictionary
from evaluation.spec.load import Text
from evaluation.spec.study import Study

# who made the demonstration data and the description; the author of CITATION.cff
PRODUCER = "The evaluation contributors"
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
    title = terms.title(study)
    _titles(citation, Text.of("ddi.codebook", title=title), identifier=f"{study.id}-ddi")
    made = child(citation, "prodStmt")
    child(made, "producer", PRODUCER)
    child(made, "software", SOFTWARE)


def describe_study(
    root: ET.Element,
    study: Study,
    dictionary: Dictionary,
    tables: Mapping[str, pd.DataFrame],
) -> None:
    """Append the description of the study, in the order that DDI prescribes."""
    entry = child(root, "stdyDscr")
    citation = child(entry, "citation")
    _titles(citation, terms.title(study), identifier=study.id)
    if study.synthetic:
        # of real data the producers are named in the citation, by whoever wrote it
        child(child(citation, "prodStmt"), "producer", PRODUCER)
    child(citation, "biblCit", study.citation.en, lang="en")
    facts = study.archive
    if facts is not None and facts.ethics is not None:
        both(child(entry, "studyAuthorization"), "authorizationStatement", facts.ethics)
    info = child(entry, "stdyInfo")
    both(info, "abstract", terms.description(study))
    _summary(info, study, tables)
    _method(entry, study, dictionary)
    _access(entry, study)


def _titles(citation: ET.Element, title: Text, *, identifier: str) -> None:
    statement = child(citation, "titlStmt")
    child(statement, "titl", title.en, lang="en")
    child(statement, "parTitl", title.es, lang="es")
    child(statement, "IDNo", identifier)


def _summary(info: ET.Element, study: Study, tables: Mapping[str, pd.DataFrame]) -> None:
    summary = child(info, "sumDscr")
    for tag in ("timePrd", "collDate"):
        for entry in study.round:
            _date(summary, tag, entry.start, event="start", cycle=entry.id)
            _date(summary, tag, entry.end, event="end", cycle=entry.id)
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


def _date(summary: ET.Element, tag: str, day: datetime.date, *, event: str, cycle: str) -> None:
    child(summary, tag, day.isoformat(), date=day.isoformat(), event=event, cycle=cycle)


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
    conditions, description = terms.access(study), terms.description(study)
    for language in ("en", "es"):
        access = child(entry, "dataAccs", lang=language)
        use = child(access, "useStmt")
        child(use, "confDec", wording("ddi.confidential", language))
        child(use, "citReq", study.citation[language])
        child(use, "conditions", conditions[language])
        if study.mark:
            child(use, "disclaimer", description[language])
