"""All of a study's configuration, read and checked in the one order that its references allow."""

from dataclasses import dataclass
from pathlib import Path

from evaluation.spec import load
from evaluation.spec.column_rules import check_design
from evaluation.spec.dictionary import Dictionary
from evaluation.spec.dictionary_rules import read_dictionary
from evaluation.spec.errata import Erratum, read_errata
from evaluation.spec.exhibits import Registry, read_registry
from evaluation.spec.manifest import Manifest, read_manifest
from evaluation.spec.plan import Plan
from evaluation.spec.promise import Promise, read_promise
from evaluation.spec.review import Review, read_review
from evaluation.spec.sample_rules import check_sample
from evaluation.spec.study import PART, Study, read_study

FILE_SOURCES = ("frame", "analysis", "series", "backcheck", "contacts", "margins")


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """A study folder under ``config/``, as typed facts and choices.

    ``review`` is None where nobody has judged the study yet.
    """

    study: Study
    manifest: Manifest
    dictionary: Dictionary
    promise: Promise
    registry: Registry
    review: Review | None = None
    errata: tuple[Erratum, ...] = ()


def read_configuration(folder: Path) -> Configuration:
    """Read a study folder.

    Raises
    ------
    SpecError
        The first thing in any of the files that does not hold.
    """
    study = read_study(folder)
    manifest = read_manifest(folder, study)
    dictionary = read_dictionary(folder, (*study.rounds, *FILE_SOURCES))
    check_design(study, dictionary, where=f"{folder.name}/study.toml")
    check_sample(study, manifest, dictionary, where=f"{folder.name}/study.toml")
    promise = read_promise(folder, study, dictionary)
    _check_sources(study, promise.plan, dictionary, where=f"{folder.name}/study.toml")
    registry = read_registry(folder, promise.plan)
    return Configuration(
        study=study,
        manifest=manifest,
        dictionary=dictionary,
        promise=promise,
        registry=registry,
        review=read_review(folder, promise.plan, registry),
        errata=read_errata(folder),
    )


def _check_sources(study: Study, plan: Plan, dictionary: Dictionary, *, where: str) -> None:
    """A pair for what nobody says is a slip of the pen, or left behind by a change."""
    said = {entry.source for entry in plan.specification}
    said |= {variable.source for variable in dictionary.variables.values()}
    said |= {part for source in said for part in source.split(PART)}
    load.unique((text.en for text in study.source), what="source", where=where)
    for number, text in enumerate(study.source):
        load.known(text.en, said, what="source", where=where, key=f"source[{number}].en")
