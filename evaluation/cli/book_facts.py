"""What the book says about the study and the build: facts, footer, banner, citation."""

import json
from collections.abc import Mapping
from html import escape
from typing import Any

from evaluation.report.words import mark
from evaluation.spec.configuration import Configuration
from evaluation.spec.promise import Lock
from evaluation.spec.study import Round

SHOWN_HASH = 12
WORDS = {
    "en": {
        "SYNTHETIC": "All results in this book come from an invented"
        " survey. They say nothing about any real place, person or programme.",
        "BLINDED": "Treatment is scrambled between places until the plan is locked. Nothing in this"
        " book is a result.",
        "toc": "On this page",
        "search": "Search this book",
        "not_locked": "not locked yet",
        "no_lock_note": "The plan is not locked yet: treatment is scrambled, and a scrambled draw"
        " can look significant by chance.",
        "after_data": "set after the data were seen",
        "figure": "Figure",
        "table": "Table",
        "version": "Version",
        "plan": "plan hash",
        "data": "data hash",
        "licence": "Text and tables: CC BY 4.0. Code: MIT.",
    }
}


def collect(
    configuration: Configuration, provenance: Mapping[str, str], language: str
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

    Returns
    -------
    dict
        ``facts`` (texts by name), ``banner`` and ``mark`` (empty where the data are real),
        ``exhibits`` (ids in order), ``plan_hash``, ``data_hash`` and ``config`` (JSON texts for
        the placeholders of the configuration).
    """
    study = configuration.study
    return {
        "facts": facts(configuration, provenance, language),
        "banner": _banner(study.mark, language),
        "mark": mark(study.mark, language),
        "languages": list(study.languages),
        "exhibits": [exhibit.id for exhibit in configuration.registry.exhibit],
        "plan_hash": provenance["plan_hash"],
        "data_hash": provenance["data_hash"],
        "config": _config(configuration, provenance, language),
    }


def _banner(of_study: str, language: str) -> str:
    """The mark and what it means, one sentence for each part of it."""
    said = (f"{mark(name, language)}. {WORDS[language][name]}" for name in of_study.split())
    return " ".join(said)


def facts(
    configuration: Configuration, provenance: Mapping[str, str], language: str
) -> dict[str, str]:
    """Texts by name for the role ``study``: facts of the configuration, none of the results."""
    study, promise = configuration.study, configuration.promise
    lock = promise.lock
    found = {
        "title": study.title[language],
        "question": study.question[language],
        "population": study.population[language],
        "citation": _citation(configuration, provenance, language),
        "cluster": study.names.cluster[language],
        "clusters": study.names.clusters[language],
        "version": provenance["version"],
        "plan_hash": provenance["plan_hash"],
        "data_hash": provenance["data_hash"],
        **_locked(lock, language),
        "level": f"{promise.plan.inference.level:.0%}",
        "draws": f"{promise.plan.inference.draws:,}",
    }
    for entry in study.round:
        found[f"round.{entry.id}"] = f"{entry.label[language]}: {_dates(entry)}"
    for arm in study.arm:
        found[f"arm.{arm.id}"] = arm.label[language]
    for cohort in study.cohort:
        found[f"cohort.{cohort.id}"] = f"{cohort.label[language]}: {cohort.entry.isoformat()}"
    for outcome in promise.plan.outcome:
        found[f"outcome.{outcome.id}"] = outcome.label[language]
        if outcome.smallest_effect is not None:
            found[f"smallest.{outcome.id}"] = f"{outcome.smallest_effect:g}\u00a0{outcome.unit}"
    return found


def _locked(lock: Lock | None, language: str) -> dict[str, str]:
    """Facts of the lock; where the plan has none, each says so."""
    words = WORDS[language]
    if lock is None:
        names = ("registry", "registration", "lock_date", "smallest_set")
        return {**dict.fromkeys(names, words["not_locked"]), "lock_note": words["no_lock_note"]}
    return {
        "registry": lock.registry,
        "registration": lock.registration,
        "lock_date": lock.date.isoformat(),
        "lock_note": lock.note[language],
        "smallest_set": words["after_data"] if lock.endline_data_seen else "",
    }


def _citation(configuration: Configuration, provenance: Mapping[str, str], language: str) -> str:
    words, study = WORDS[language], configuration.study
    said = mark(study.mark, language)
    lead = f"[{said}] " if said else ""
    version = f"{words['version']} {provenance['version']}"
    data = f"{words['data']} {provenance['data_hash'][:SHOWN_HASH]}"
    return f"{lead}{study.citation.rstrip('.')}. {version}, {data}."


def _dates(entry: Round) -> str:
    return f"{entry.start.isoformat()} to {entry.end.isoformat()}"


def _config(
    configuration: Configuration, provenance: Mapping[str, str], language: str
) -> dict[str, str]:
    words, study = WORDS[language], configuration.study
    styles = ["evaluation.css", *(["synthetic.css"] if study.mark else [])]
    said = mark(study.mark, language)
    behind = f" [{said}]" if said else ""
    values = {
        "title": study.title[language] + behind,
        "author": "",
        "copyright": "",
        "language": language,
        "css_files": styles,
        "toc_title": words["toc"],
        "search_text": words["search"],
        "number_formats": {"figure": f"{words['figure']} %s", "table": f"{words['table']} %s"},
        "footer": footer(provenance, language, behind.strip()),
    }
    return {name: json.dumps(value, ensure_ascii=False) for name, value in values.items()}


def footer(provenance: Mapping[str, str], language: str, said: str) -> str:
    """The HTML line under every page: what the results were made from, and the licence."""
    words = WORDS[language]
    parts = [
        f"{words['version']} {escape(provenance['version'])}",
        f"{words['plan']} <code>{escape(provenance['plan_hash'][:SHOWN_HASH])}</code>",
        f"{words['data']} <code>{escape(provenance['data_hash'][:SHOWN_HASH])}</code>",
        words["licence"],
    ]
    line = " · ".join(parts)
    lead = f"{escape(said)} " if said else ""
    return f'<p class="evaluation-footer">{lead}{line}</p>'
