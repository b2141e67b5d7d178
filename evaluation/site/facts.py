"""What the book says about the study and the build: facts, footer, citation, fixed words."""

import json
from collections.abc import Mapping
from html import escape
from typing import Any

from evaluation.config.configuration import Configuration
from evaluation.config.preregistration import Lock
from evaluation.config.study import Round, Study
from evaluation.locale.messages import texts, wording
from evaluation.report.disclosure import SENSITIVE_MINIMUM
from evaluation.report.formats import number_format, words
from evaluation.report.formats.words import mark
from evaluation.report.prose import citations
from evaluation.report.prose.sensitivity_summary import assumption
from evaluation.storage.commit import Commit

SHOWN_HASH = 12


def collect(
    configuration: Configuration,
    provenance: Mapping[str, str],
    language: str,
    *,
    commit: Commit | None = None,
) -> dict[str, Any]:
    """Everything the pages, the footer and the configuration of the book need.

    Parameters
    ----------
    configuration : Configuration
        The study.
    provenance : mapping
        ``study``, ``plan_hash``, ``data_hash`` and ``version`` of the results.
    language : str
        Language of the book.
    commit : Commit or None
        What the book is built from; None where that is not under version control.

    Returns
    -------
    dict
        ``facts`` (texts by name), ``words`` (of the book's extension, by name), ``banner`` and
        ``mark`` (empty where the data are real), ``citations`` of the study,
        ``exhibits`` (ids in order), ``plan_hash``, ``data_hash`` and ``config`` (JSON texts for
        the placeholders of the configuration).
    """
    study = configuration.study
    return {
        "facts": {
            **facts(configuration, provenance, language),
            "commit": committed(commit, language, "{}"),
            "published": number_format.date(commit.day, language) if commit else "",
        },
        "banner": _banner(configuration, language),
        "mark": mark(study.mark, language),
        "citations": [
            {"name": name, "called": wording(f"citation.style.{name}", language), "text": text}
            for name, text in _cited(configuration, provenance, language).items()
        ],
        "words": texts("book-exhibit", language),
        "languages": list(study.languages),
        "exhibits": [exhibit.id for exhibit in configuration.registry.exhibit],
        "plan_hash": provenance["plan_hash"],
        "data_hash": provenance["data_hash"],
        "config": _config(configuration, provenance, language, commit),
        "moved": wording("book.word.moved", language),
    }


def _banner(configuration: Configuration, language: str) -> str:
    """The mark and what it means, one sentence for each part of it, and a changed assignment."""
    study, changed = configuration.study, configuration.preregistration.reassigned()
    said = [
        f"{mark(name, language)}. {wording(f'book.word.{name}', language)}"
        for name in study.mark.split()
    ]
    if changed is not None:
        words = {
            "clusters": study.names.clusters[language],
            "date": number_format.date(changed.date, language),
            "reason": changed.reason[language],
        }
        said.append(wording("book.reassigned", language, **words))
    return " ".join(said)


def facts(
    configuration: Configuration, provenance: Mapping[str, str], language: str
) -> dict[str, str]:
    """Texts by name for the role ``study``: facts of the configuration, none of the results.

    Parameters
    ----------
    configuration : Configuration
    provenance : mapping
        Hashes and version of the results.
    language : {"en", "es"}
    """
    study, preregistration = configuration.study, configuration.preregistration
    lock, inference = preregistration.lock, preregistration.plan.inference
    found = {
        "title": study.title[language],
        "question": study.question[language],
        "population": study.population[language],
        "citation": _cited(configuration, provenance, language)["plain"],
        "cluster": study.names.cluster[language],
        "clusters": study.names.clusters[language],
        **{name: provenance[name] for name in ("version", "plan_hash", "data_hash")},
        **_locked(lock, language),
        "level": number_format.percent(inference.level, language),
        "seed_entry": inference.seed_entry,
    }
    for name, number in (
        ("minimum_cell", study.minimum_cell),
        ("minimum_clusters", study.minimum_clusters),
        ("minimum_sensitive", SENSITIVE_MINIMUM),
        ("draws", inference.draws),
        ("permutations", inference.permutations),
    ):
        found[name] = number_format.count(number, language)
    found["assumption_in_words"] = assumption(configuration, language)
    method = preregistration.plan.primary_specification().method
    for name in ("effect", "baseline") if method in ("did", "ancova") else ():
        found[f"{name}_in_words"] = wording(f"book.{name}.{method}", language)
    about = study.publication
    for name in ("institution", "contact", "funding", "conflicts", "law", "licence"):
        said = getattr(about, name) if about is not None else None
        # empty where nobody said it: pages leave out what names it
        found[name] = said[language] if said else ""
    found["rights"] = rights(study, language)
    # an example of a code: that of the study's first table
    found["code"] = configuration.registry.exhibit[0].code
    for name in ("url", "errors"):
        found[name] = getattr(about, name) if about is not None else ""
    authors = about.authors_in(language) if about is not None else ()
    found["authors"] = number_format.listed(authors, language)
    for entry in study.round:
        found[f"round.{entry.id}"] = f"{entry.label[language]}: {_dates(entry, language)}"
    for arm in study.arm:
        found[f"arm.{arm.id}"] = arm.label[language]
    for cohort in study.cohort:
        entered = number_format.date(cohort.entry, language)
        found[f"cohort.{cohort.id}"] = f"{cohort.label[language]}: {entered}"
    for outcome in preregistration.plan.outcome:
        found[f"outcome.{outcome.id}"] = outcome.label[language]
        found[f"noun.{outcome.id}"] = words.noun(outcome, language)
        found[f"unit.{outcome.id}"] = words.first_unit(outcome.unit, language)
        if outcome.smallest_effect is not None:
            shown = number_format.shortest(outcome.smallest_effect, language)
            unit = words.unit(outcome.unit, language)
            found[f"smallest.{outcome.id}"] = f"{shown}\u00a0{unit}"
    return found


def rights(study: Study, language: str) -> str:
    """The terms of text and tables, as the study states them, and of the code.

    Parameters
    ----------
    study : Study
    language : {"en", "es"}
    """
    licence = study.publication.licence if study.publication is not None else None
    if licence is None:
        return wording("book.word.licence_code", language)
    return wording("book.word.licence", language, licence=licence[language])


def _locked(lock: Lock | None, language: str) -> dict[str, str]:
    """Facts of the lock; where the plan has none, each says so."""
    if lock is None:
        names = ("registry", "registration", "lock_date")
        said = dict.fromkeys(names, wording("book.word.not_locked", language))
        return {**said, "lock_note": wording("book.word.no_lock_note", language)}
    return {
        "registry": words.registry(lock.registry, language),
        "registration": words.registry(lock.registration, language),
        "lock_date": number_format.date(lock.date, language),
        "lock_note": lock.note[language],
    }


def _cited(
    configuration: Configuration, provenance: Mapping[str, str], language: str
) -> dict[str, str]:
    """Citations of the whole study by their styles."""
    cited = citations.work(
        configuration.study,
        language,
        version=provenance["version"],
        data_hash=provenance["data_hash"],
    )
    return dict(citations.of_study(cited))


def _dates(entry: Round, language: str) -> str:
    start, end = (number_format.date(day, language) for day in (entry.start, entry.end))
    return wording("book.word.dates", language, start=start, end=end)


def _config(
    configuration: Configuration,
    provenance: Mapping[str, str],
    language: str,
    commit: Commit | None,
) -> dict[str, str]:
    study = configuration.study
    toc, search, figure, table = (
        wording(f"book.word.{name}", language) for name in ("toc", "search", "figure", "table")
    )
    styles = [
        "evaluation.css",
        "figures.css",
        *(["synthetic.css"] if _banner(configuration, language) else []),
    ]
    said = mark(study.mark, language)
    values = {
        # of the window and of what is shared; on the page the banner has the mark
        "title": study.title[language] + (f" [{said}]" if said else ""),
        "author": "",
        "copyright": "",
        "language": language,
        "css_files": styles,
        "toc_title": toc,
        "search_text": search,
        "number_formats": {"figure": f"{figure} %s", "table": f"{table} %s"},
        "footer": footer(
            provenance,
            language,
            title=study.title[language],
            commit=commit,
            licence=rights(study, language),
        ),
    }
    return {name: json.dumps(value, ensure_ascii=False) for name, value in values.items()}


def committed(commit: Commit | None, language: str, marked: str) -> str:
    """What the book was built from, in words.

    Parameters
    ----------
    commit : Commit or None
        None where it is not under version control.
    language : str
        Language of the book.
    marked : str
        How the commit's id is set apart: a template with one hole.
    """
    if commit is None:
        return wording("book.word.no_commit", language)
    said = wording(
        "book.word.commit",
        language,
        id=marked.format(commit.id[:SHOWN_HASH]),
        day=number_format.date(commit.day, language),
    )
    return f"{said} {wording('book.word.changes', language)}" if commit.changed else said


def footer(
    provenance: Mapping[str, str],
    language: str,
    *,
    title: str,
    commit: Commit | None,
    licence: str,
) -> str:
    """The HTML line under every page: what the results were made from, and the licence.

    Parameters
    ----------
    provenance : mapping
        ``plan_hash``, ``data_hash`` and ``version`` of the results.
    language : str
        Language of the book.
    title : str
        Of the study.
    commit : Commit or None
        What the book is built from.
    licence : str
        Terms of text, tables and code.
    """
    version, plan, data = (
        wording(f"book.word.{name}", language) for name in ("version", "plan", "data")
    )
    made, built = (
        f"{words} <code>{escape(provenance[name][:SHOWN_HASH])}</code>"
        for words, name in ((plan, "plan_hash"), (data, "data_hash"))
    )
    number, tree = escape(provenance["version"]), committed(commit, language, "<code>{}</code>")
    line = " · ".join((escape(title), f"{version} {number}", tree, made, built, licence))
    return f'<p class="evaluation-footer">{line}</p>'
