"""All of a study's configuration, read and checked across files, and what is still undecided."""

import dataclasses
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from evaluation.locale.messages import message
from evaluation.study.decisions import Decision, line_of, open_decisions, unsettled
from evaluation.study.design_records import SimulatedPower, read_simulated
from evaluation.study.dictionary import Dictionary
from evaluation.study.dictionary_rules import read_dictionary
from evaluation.study.exhibits import Erratum, Registry, read_errata, read_registry
from evaluation.study.manifest import Manifest, read_manifest
from evaluation.study.panel_study import PANEL_ROLES, check_years
from evaluation.study.plan import Plan
from evaluation.study.preregistration import Promise, read_promise
from evaluation.study.review import Phrase, Review, read_description, read_review
from evaluation.study.sampling import CONTACTS_ROLE, MARGINS_ROLE
from evaluation.study.study import PART, Study, read_study
from evaluation.study.toml_reader import TomlFile, named, parse_toml

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


def _check_sources(study: Study, plan: Plan, dictionary: Dictionary, toml: TomlFile) -> None:
    """A pair for what nobody says is a slip of the pen, or left behind by a change."""
    named = {entry.source for entry in plan.specification}
    for variable in dictionary.variables.values():
        named |= {variable.source, variable.unit}
    named |= {part for source in named for part in source.split(PART)}
    toml.unique((text.en for text in study.source), "source")
    for number, text in enumerate(study.source):
        toml.known(text.en, named, "source", f"source[{number}].en")


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
    return dict(Counter(where.rpartition(":")[0] for where, _ in unread(folder)))


def unread(folder: Path) -> tuple[tuple[str, str], ...]:
    """Comments of a draft that are left, each with ``file:line``, as the stages read the files."""
    return tuple(
        (f"{path.relative_to(folder).as_posix()}:{line}", said)
        for path in _files(folder)
        for line, said in unsettled(path.read_text(encoding="utf-8"))
    )


def _files(folder: Path) -> list[Path]:
    paths = sorted(folder.rglob("*.toml"))
    ranks = {name: rank for rank, name in enumerate(ORDER)}
    return sorted(paths, key=lambda path: ranks.get(path.relative_to(folder).parts[0], len(ORDER)))
