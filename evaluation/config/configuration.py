"""All of a study's configuration, read and checked across files, and what is still undecided."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from evaluation.config.check_kinds import SHOWN_BY, check_checks
from evaluation.config.declared import (
    check_design,
    check_panel,
    check_sample,
    read_files,
    sources,
)
from evaluation.config.design_records import SimulatedPower, read_simulated
from evaluation.config.dictionary import Dictionary, Module
from evaluation.config.dictionary_rules import read_dictionary
from evaluation.config.exhibits import Erratum, ExhibitRegistry, read_errata, read_registry
from evaluation.config.file_format import NewerStudyError
from evaluation.config.manifest import Manifest, read_manifest
from evaluation.config.plan import Plan
from evaluation.config.plan_rules import printed_entries
from evaluation.config.preregistration import LISTS, Deviations, Lock, Promise, read_promise
from evaluation.config.review import Phrase, Review, read_description, read_review
from evaluation.config.study import PART, Study, read_study
from evaluation.config.toml_reader import TomlFile, convert, named, read, read_toml
from evaluation.errors import SpecError, all_kept, attempted


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """A study folder under ``config/``, as typed facts and choices.

    ``review`` is None where nobody has judged the study yet, ``simulated`` where no long simulation
    of a panel's tests is kept; ``description`` is empty where nobody went through the programme's
    description.
    """

    study: Study
    manifest: Manifest
    dictionary: Dictionary
    preregistration: Promise
    registry: ExhibitRegistry
    review: Review | None = None
    description: tuple[Phrase, ...] = ()
    errata: tuple[Erratum, ...] = ()
    simulated: SimulatedPower | None = None


def read_configuration(folder: Path) -> Configuration:
    """Read a study folder.

    Raises
    ------
    SpecError
        The first thing in any of the files that does not hold.
    """
    study, manifest, dictionary = read_files(folder)
    toml = TomlFile(named(folder, "study.toml"))
    check_design(study, dictionary, toml)
    check_sample(study, manifest, dictionary, toml)
    preregistration = _read_promise(folder, study, dictionary)
    _check_sources(study, preregistration.plan, dictionary, toml)
    registry = read_registry(folder, preregistration.plan)
    _check_exhibits(study, preregistration.plan, registry, folder)
    return Configuration(
        study=study,
        manifest=manifest,
        dictionary=dictionary,
        preregistration=preregistration,
        registry=registry,
        review=read_review(folder, preregistration, registry),
        description=read_description(folder, preregistration.plan),
        errata=read_errata(folder),
        simulated=read_simulated(folder),
    )


def _read_promise(folder: Path, study: Study, dictionary: Dictionary) -> Promise:
    promise = read_promise(folder, study, dictionary)
    check_checks(promise.plan, dictionary, folder)
    return promise


def problems(folder: Path) -> tuple[SpecError, ...]:
    """All that the files of a study's folder may not say, whether in one of them or across.

    What cannot be judged because of something wrong before is not judged.

    Parameters
    ----------
    folder : Path
        ``config/<study>``.
    """
    with all_kept() as kept:
        study = attempted(read_study, folder)
        if study is None:
            if not any(isinstance(error, NewerStudyError) for error in kept):
                _read_alone(folder)
            return tuple(kept)
        manifest = attempted(read_manifest, folder, study)
        known = attempted(sources, folder, study)
        dictionary = None if known is None else attempted(read_dictionary, folder, known)
        if dictionary is None:
            _read_alone(folder)
            return tuple(kept)
        toml = TomlFile(named(folder, "study.toml"))
        attempted(check_design, study, dictionary, toml)
        if manifest is not None:
            attempted(check_panel, study, manifest, dictionary, folder)
            attempted(check_sample, study, manifest, dictionary, toml)
        promise = attempted(_read_promise, folder, study, dictionary)
        if promise is None:
            _read_alone(folder, OF_RESULTS)
            return tuple(kept)
        attempted(_check_sources, study, promise.plan, dictionary, toml)
        registry = attempted(read_registry, folder, promise.plan)
        attempted(read_description, folder, promise.plan)
        if registry is None:
            _read_alone(folder, ("review.toml",))
        else:
            attempted(read_review, folder, promise, registry)
            attempted(_check_exhibits, study, promise.plan, registry, folder)
        attempted(read_errata, folder)
        attempted(read_simulated, folder)
    return tuple(kept)


# files whose keys and types can be read without the others
OF_RESULTS: Mapping[str, type] = {
    "exhibits.toml": ExhibitRegistry,
    "review.toml": Review,
    "deviations.toml": Deviations,
    "plan.lock": Lock,
}
ALONE: Mapping[str, type] = {"manifest.toml": Manifest, **OF_RESULTS}


def _read_alone(folder: Path, names: Iterable[str] = ALONE) -> None:
    """What the files say each for itself, where they cannot be held against one another."""
    for name in names:
        if (folder / name).is_file():
            attempted(read, ALONE[name], folder, name)
    if names is ALONE:
        for path in sorted((folder / "dictionary").glob("*.toml")):
            attempted(read, Module, folder, f"dictionary/{path.name}")
        attempted(_plan_alone, folder)


def _plan_alone(folder: Path) -> Plan:
    toml, table = TomlFile(named(folder, "plan.toml")), read_toml(folder / "plan.toml")
    whole = {**table, **printed_entries(table, LISTS, toml), "hash": ""}
    return convert(Plan, whole, where=toml.where)


# Exhibits of what a study declares beside its plan: file, and what is lacking and the fix.
DECLARED = {
    "theory_of_change": ("study.toml", "study-declares-no", "declare-component"),
    "costs": ("exhibits.toml", "no-costs", "no-costs"),
    "description": ("description.toml", "description-absent", "write-description"),
    **dict.fromkeys(
        ("assumptions", "risk_of_bias", "certainty"),
        ("review.toml", "exhibit-shows", "write-review"),
    ),
}


def _check_exhibits(study: Study, plan: Plan, registry: ExhibitRegistry, folder: Path) -> None:
    """An exhibit of something that the study does not have would stop the stage that makes it."""
    there = {name: (folder / file).is_file() for name, (file, *_) in DECLARED.items()}
    there["theory_of_change"] = any(c.kind == "component" for c in study.component)
    there["costs"] = registry.costs is not None
    kinds, toml = {check.kind for check in plan.check}, TomlFile(named(folder, "exhibits.toml"))
    for exhibit in registry.exhibit:
        builder = exhibit.builder
        if not there.get(builder, True):
            file, problem, fix = DECLARED[builder]
            TomlFile(named(folder, file)).refuse(file, problem, fix)
        shown = SHOWN_BY.get(builder, ())
        lacking = shown and kinds.isdisjoint(shown) and study.panel is None
        names = ", ".join(shown)
        toml.refuse(lacking, "exhibit-of-no-check", "take-exhibit-out", id=exhibit.id, kinds=names)


def _check_sources(study: Study, plan: Plan, dictionary: Dictionary, toml: TomlFile) -> None:
    """A pair for what nobody says is a slip of the pen, or left behind by a change."""
    named = {entry.source for entry in plan.specification}
    for variable in dictionary.variables.values():
        named |= {variable.source, variable.unit}
    named |= {part for source in named for part in source.split(PART)}
    toml.unique((text.en for text in study.source), "source")
    for number, text in enumerate(study.source):
        toml.known(text.en, named, "source", f"source[{number}].en")
