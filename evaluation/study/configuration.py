"""All of a study's configuration, read and checked across files, and what is still undecided."""

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from evaluation.errors import SpecError, all_kept, attempted
from evaluation.locale.messages import message
from evaluation.study.check_kinds import SHOWN_BY
from evaluation.study.design_records import SimulatedPower, read_simulated
from evaluation.study.dictionary import Dictionary, Module
from evaluation.study.dictionary_rules import read_dictionary
from evaluation.study.exhibits import Erratum, Registry, read_errata, read_registry
from evaluation.study.manifest import Manifest, read_manifest
from evaluation.study.panel_study import PANEL_ROLES, check_years
from evaluation.study.plan import Plan
from evaluation.study.plan_rules import printed_entries
from evaluation.study.preregistration import LISTS, Deviations, Lock, Promise, read_promise
from evaluation.study.review import Phrase, Review, read_description, read_review
from evaluation.study.sampling import CONTACTS_ROLE, MARGINS_ROLE
from evaluation.study.study import PART, Study, read_study
from evaluation.study.toml_reader import TomlFile, convert, named, read, read_toml

FRAME = "frame"
# what is known of a whole cluster, before anybody is interviewed
OF_CLUSTERS = ("cluster", "arm", "population", "stratum", "cohort", "x_km", "y_km")


# columns that a panel's list of treated clusters gives
MADE = ("arm", "cohort")


def check_design(study: Study, dictionary: Dictionary, toml: TomlFile) -> None:
    """Check that each design column is a variable, and those of clusters one of the frame.

    Parameters
    ----------
    study, dictionary
        Of one study.
    toml : TomlFile
        That ``[columns]`` stands in.

    Raises
    ------
    SpecError
        Names the key, and the variable that was probably meant.
    """
    # a panel's arms are made, and its facts of clusters may stand beside the frame
    made, of_clusters = ((), OF_CLUSTERS) if study.panel is None else (MADE, ("cluster",))
    for key, name in dataclasses.asdict(study.columns).items():
        if name and key not in made:
            toml.known(name, dictionary.variables, "variable", f"columns.{key}")
            outside = key in of_clusters and FRAME not in dictionary.variables[name].raw
            toml.refuse(outside, "no-variable-frame", "name-one-dictionary", key=key, name=name)


def check_sample(study: Study, manifest: Manifest, dictionary: Dictionary, toml: TomlFile) -> None:
    """Check the tables ``[contacts]`` and ``[weights]`` against files and dictionary.

    Parameters
    ----------
    study, manifest, dictionary
        Of one study.
    toml : TomlFile
        That the tables stand in.

    Raises
    ------
    SpecError
        A table without its file, a file without its table, a variable that its file does not have,
        or weights that are both built and delivered.
    """
    check = _Columns(dictionary, toml)
    _check_file(study.contacts, manifest, CONTACTS_ROLE, "contacts", toml)
    margins = study.weights is not None and study.weights.margin
    _check_file(margins or None, manifest, MARGINS_ROLE, "weights.margin", toml)
    if study.contacts is not None:
        names = (*study.contacts.variables, study.columns.respondent, study.columns.cluster)
        check.stand(names, (CONTACTS_ROLE,), "contacts")
    table, weight = study.weights, study.columns.weight
    if table is None or weight is None:
        return
    toml.known(weight, dictionary.variables, "variable", "columns.weight")
    both = ", ".join(sorted(set(dictionary.variables[weight].raw) & set(study.rounds)))
    toml.refuse(both, "raw-column-builds", "take-raw-column", weight=weight, delivered=both)
    uncounted = table.cells and study.contacts is None
    toml.refuse(uncounted, "adjust-non-response", "declare-file")
    check.stand(table.probabilities, study.rounds, "weights.probabilities")
    check.stand(table.cells, study.rounds, "weights.cells")
    check.stand(table.margin_variables, study.rounds, "weights.margin")
    check.stand(table.cells, (CONTACTS_ROLE,), "weights.cells")
    if table.cells and table.sampled == "weights":
        key = 'weights.probabilities (with sampled = "weights")'
        check.stand(table.probabilities, (CONTACTS_ROLE,), key)
    named = (*table.margin_variables, *filter(None, (table.people, table.round)))
    check.stand(named, (MARGINS_ROLE,), "weights.margin")


def _check_file(declared: object, manifest: Manifest, role: str, key: str, toml: TomlFile) -> None:
    number = len(manifest.with_role(role))
    toml.refuse(
        number != int(declared is not None),
        "file-not-declared" if declared is None else "declared-without-file",
        "list-one-file-role",
        key=key,
        role=role,
        files=message("word.files", n=number),
    )


@dataclass(frozen=True, slots=True)
class _Columns:
    """Variables that must have raw columns."""

    dictionary: Dictionary
    toml: TomlFile

    def stand(self, names: Iterable[str], sources: Iterable[str], key: str) -> None:
        """Each is known, and stands in each source or, as a fact of clusters, in the frame."""
        for name in names:
            self.toml.known(name, self.dictionary.variables, "variable", key)
            raw = self.dictionary.variables[name].raw
            for source in sources:
                in_frame = FRAME in raw and source not in (CONTACTS_ROLE, MARGINS_ROLE)
                absent = source not in raw and not in_frame
                self.toml.refuse(
                    absent, "names-no-raw", "give-dictionary", key=key, name=name, source=source
                )


FILE_SOURCES = ("frame", "analysis", "series", "backcheck", "contacts", "margins")


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
    registry: Registry
    review: Review | None = None
    description: tuple[Phrase, ...] = ()
    errata: tuple[Erratum, ...] = ()
    simulated: SimulatedPower | None = None


def read_files(folder: Path) -> tuple[Study, Manifest, Dictionary]:
    """Study, manifest and dictionary of a study folder: what says how its files are read.

    Raises
    ------
    SpecError
        The first thing in any of the three that does not hold.
    """
    study = read_study(folder)
    manifest = read_manifest(folder, study)
    dictionary = read_dictionary(folder, sources(folder, study))
    _check_panel(study, manifest, dictionary, folder)
    return study, manifest, dictionary


def sources(folder: Path, study: Study) -> tuple[str, ...]:
    """Keys under which a study's dictionary gives raw names: rounds, roles, layouts of files.

    Parameters
    ----------
    folder : Path
        ``config/<study>``.
    study : Study
        Of that folder. Only a panel's files have layouts.

    Raises
    ------
    SpecError
        As of `read_manifest`.
    """
    if study.panel is None:
        return (*study.rounds, *FILE_SOURCES)
    return sources_of_panel(read_manifest(folder, study))


def sources_of_panel(manifest: Manifest) -> tuple[str, ...]:
    """The same of a panel: the list of clusters, its own roles, and the layouts of its files."""
    return (FRAME, *PANEL_ROLES, *manifest.layouts)


def _check_panel(study: Study, manifest: Manifest, dictionary: Dictionary, folder: Path) -> None:
    """A panel's files and variables are there; other studies have no such files.

    Raises
    ------
    SpecError
        A file that is lacking or one too many; a year that no file of events covers.
    """
    files = TomlFile(named(folder, "manifest.toml"))
    panel, others = study.panel, manifest.with_role(*PANEL_ROLES)
    if panel is None:
        first = next(iter(others), None)
        files.refuse(first, "role-of-panels", "role-of-panels", id=first.id if first else "")
        return
    toml = TomlFile(named(folder, "study.toml"))
    for variable, key in panel.variables():
        toml.known(variable, dictionary.variables, "variable", key)
    events = manifest.with_role("events")
    check_years(((file.id, file.years) for file in events), panel, files)
    for role in ("names", "treated"):
        n = len(manifest.with_role(role))
        files.refuse(n != 1, "one-file-of-role", "one-file-of-role", role=role, n=n)
    layouts = [file.layout for file in manifest.with_role("population")]
    series = (panel.population.main, panel.population.earlier)
    toml.known(series, layouts, "layout", "panel.population")


def read_declared(folder: Path) -> tuple[Study, Dictionary, Promise]:
    """Study, dictionary and plan of a study folder: what most commands need of it.

    Raises
    ------
    SpecError
        The first thing in any of the three that does not hold.
    """
    study = read_study(folder)
    dictionary = read_dictionary(folder, sources(folder, study))
    return study, dictionary, read_promise(folder, study, dictionary)


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
    preregistration = read_promise(folder, study, dictionary)
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
            attempted(_check_panel, study, manifest, dictionary, folder)
            attempted(check_sample, study, manifest, dictionary, toml)
        promise = attempted(read_promise, folder, study, dictionary)
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
    "exhibits.toml": Registry,
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


def _check_exhibits(study: Study, plan: Plan, registry: Registry, folder: Path) -> None:
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
