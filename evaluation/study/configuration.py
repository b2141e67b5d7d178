"""All of a study's configuration, read and checked across files, and what is still undecided."""

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from evaluation.errors import SpecError
from evaluation.locale.messages import message
from evaluation.study import sampling, toml_reader
from evaluation.study.decisions import Decision, confirmations, line_of, open_decisions
from evaluation.study.dictionary import Dictionary
from evaluation.study.dictionary_rules import read_dictionary
from evaluation.study.exhibits import Erratum, Registry, read_errata, read_registry
from evaluation.study.manifest import Manifest, read_manifest
from evaluation.study.plan import Plan
from evaluation.study.preregistration import Promise, read_promise
from evaluation.study.review import Review, read_review
from evaluation.study.study import PART, Study, read_study
from evaluation.study.toml_reader import parse_toml

FRAME = "frame"
# what is known of a whole cluster, before anybody is interviewed
OF_CLUSTERS = ("cluster", "arm", "population", "stratum", "cohort", "x_km", "y_km")


def check_design(study: Study, dictionary: Dictionary, *, where: str) -> None:
    """Check that each design column is a variable, and those of clusters one of the frame.

    Parameters
    ----------
    study, dictionary
        Of one study.
    where : str
        The file that ``[columns]`` stands in.

    Raises
    ------
    SpecError
        Names the key, and the variable that was probably meant.
    """
    for key, name in dataclasses.asdict(study.columns).items():
        if name is None:
            continue
        toml_reader.known(
            name, dictionary.variables, what="variable", where=where, key=f"columns.{key}"
        )
        if key in OF_CLUSTERS and FRAME not in dictionary.variables[name].raw:
            raise SpecError.of(
                "no-variable-frame", "name-one-dictionary", where, key=key, name=name
            )


def check_sample(study: Study, manifest: Manifest, dictionary: Dictionary, *, where: str) -> None:
    """Check the tables ``[contacts]`` and ``[weights]`` against files and dictionary.

    Raises
    ------
    SpecError
        A table without its file, a file without its table, a variable that its file does not have,
        or weights that are both built and delivered.
    """
    _check_file(study.contacts is not None, manifest, sampling.CONTACTS_ROLE, "contacts", where)
    has_margins = study.weights is not None and bool(study.weights.margin)
    _check_file(has_margins, manifest, sampling.MARGINS_ROLE, "weights.margin", where)
    if study.contacts is not None:
        names = (*study.contacts.variables, study.columns.respondent, study.columns.cluster)
        _check_variables(names, (sampling.CONTACTS_ROLE,), dictionary, "contacts", where)
    if study.weights is not None:
        _check_weights(study, dictionary, where)


def _check_weights(study: Study, dictionary: Dictionary, where: str) -> None:
    table, weight = study.weights, study.columns.weight
    if table is None or weight is None:
        return
    toml_reader.known(
        weight, dictionary.variables, what="variable", where=where, key="columns.weight"
    )
    delivered = sorted(set(dictionary.variables[weight].raw) & set(study.rounds))
    if delivered:
        raise SpecError.of(
            "raw-column-builds",
            "take-raw-column",
            where,
            weight=weight,
            delivered=", ".join(delivered),
        )
    if table.cells and study.contacts is None:
        raise SpecError.of("adjust-non-response", "declare-file", where)
    _check_variables(table.probabilities, study.rounds, dictionary, "weights.probabilities", where)
    for names, key in ((table.cells, "cells"), (table.margin_variables, "margin")):
        _check_variables(names, study.rounds, dictionary, f"weights.{key}", where)
    _check_variables(table.cells, (sampling.CONTACTS_ROLE,), dictionary, "weights.cells", where)
    if table.cells and table.sampled == "weights":
        key = 'weights.probabilities (with sampled = "weights")'
        _check_variables(table.probabilities, (sampling.CONTACTS_ROLE,), dictionary, key, where)
    named = (*table.margin_variables, *filter(None, (table.people, table.round)))
    _check_variables(named, (sampling.MARGINS_ROLE,), dictionary, "weights.margin", where)


def _check_file(declared: object, manifest: Manifest, role: str, key: str, where: str) -> None:
    number = len(manifest.with_role(role))
    if number == int(bool(declared)):
        return
    raise SpecError.of(
        "declared-without-file" if declared else "file-not-declared",
        "list-one-file-role",
        where,
        key=key,
        role=role,
        files=message("word.files", n=number),
    )


def _check_variables(
    names: Iterable[str], sources: Iterable[str], dictionary: Dictionary, key: str, where: str
) -> None:
    """Each variable is known, and stands in each source or, as a fact of clusters, in the frame."""
    for name in names:
        toml_reader.known(name, dictionary.variables, what="variable", where=where, key=key)
        raw = dictionary.variables[name].raw
        for source in sources:
            in_frame = "frame" in raw and source not in (
                sampling.CONTACTS_ROLE,
                sampling.MARGINS_ROLE,
            )
            if source not in raw and not in_frame:
                raise SpecError.of(
                    "names-no-raw", "give-dictionary", where, key=key, name=name, source=source
                )


FILE_SOURCES = ("frame", "analysis", "series", "backcheck", "contacts", "margins")


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """A study folder under ``config/``, as typed facts and choices.

    ``review`` is None where nobody has judged the study yet.
    """

    study: Study
    manifest: Manifest
    dictionary: Dictionary
    preregistration: Promise
    registry: Registry
    review: Review | None = None
    errata: tuple[Erratum, ...] = ()


def read_files(folder: Path) -> tuple[Study, Manifest, Dictionary]:
    """Study, manifest and dictionary of a study folder: what says how its files are read.

    Raises
    ------
    SpecError
        The first thing in any of the three that does not hold.
    """
    study = read_study(folder)
    manifest = read_manifest(folder, study)
    return study, manifest, read_dictionary(folder, (*study.rounds, *FILE_SOURCES))


def read_declared(folder: Path) -> tuple[Study, Dictionary, Promise]:
    """Study, dictionary and plan of a study folder: what most commands need of it.

    Raises
    ------
    SpecError
        The first thing in any of the three that does not hold.
    """
    study = read_study(folder)
    dictionary = read_dictionary(folder, (*study.rounds, *FILE_SOURCES))
    return study, dictionary, read_promise(folder, study, dictionary)


def read_configuration(folder: Path) -> Configuration:
    """Read a study folder.

    Raises
    ------
    SpecError
        The first thing in any of the files that does not hold.
    """
    study, manifest, dictionary = read_files(folder)
    check_design(study, dictionary, where=f"{folder.name}/study.toml")
    check_sample(study, manifest, dictionary, where=f"{folder.name}/study.toml")
    preregistration = read_promise(folder, study, dictionary)
    _check_sources(study, preregistration.plan, dictionary, where=f"{folder.name}/study.toml")
    registry = read_registry(folder, preregistration.plan)
    return Configuration(
        study=study,
        manifest=manifest,
        dictionary=dictionary,
        preregistration=preregistration,
        registry=registry,
        review=read_review(folder, preregistration.plan, registry),
        errata=read_errata(folder),
    )


def _check_sources(study: Study, plan: Plan, dictionary: Dictionary, *, where: str) -> None:
    """A pair for what nobody says is a slip of the pen, or left behind by a change."""
    said = {entry.source for entry in plan.specification}
    said |= {variable.source for variable in dictionary.variables.values()}
    said |= {part for source in said for part in source.split(PART)}
    toml_reader.unique((text.en for text in study.source), what="source", where=where)
    for number, text in enumerate(study.source):
        toml_reader.known(text.en, said, what="source", where=where, key=f"source[{number}].en")


# the order in which the stages read them
ORDER = ("study.toml", "manifest.toml", "dictionary", "plan.toml")


def open_in(folder: Path) -> tuple[tuple[str, Decision], ...]:
    """Open decisions under a folder, each with ``file:line``, as the stages meet them.

    Raises
    ------
    SpecError
        A file is not valid TOML.
    """
    found = []
    for path in _files(folder):
        text, table = parse_toml(path)
        where = path.relative_to(folder).as_posix()
        found += [
            (f"{where}:{line_of(text, number)}", decision)
            for number, decision in enumerate(open_decisions(table))
        ]
    return tuple(found)


def to_settle(folder: Path) -> dict[str, int]:
    """Number of comments of a draft that are left, by file."""
    counts = {
        path.relative_to(folder).as_posix(): confirmations(path.read_text(encoding="utf-8"))
        for path in _files(folder)
    }
    return {file: count for file, count in counts.items() if count}


def _files(folder: Path) -> list[Path]:
    paths = sorted(folder.rglob("*.toml"))
    ranks = {name: rank for rank, name in enumerate(ORDER)}
    return sorted(paths, key=lambda path: ranks.get(path.relative_to(folder).parts[0], len(ORDER)))
