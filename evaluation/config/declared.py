"""How a study's files are read and designed: what the stages read of a folder under ``config/``."""

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from evaluation.config.dictionary import Dictionary
from evaluation.config.dictionary_rules import read_dictionary
from evaluation.config.manifest import Manifest, read_manifest
from evaluation.config.panel_study import PANEL_ROLES, check_years
from evaluation.config.preregistration import Promise, read_promise
from evaluation.config.sampling import CONTACTS_ROLE, MARGINS_ROLE
from evaluation.config.study import Study, read_study
from evaluation.config.toml_reader import TomlFile, named
from evaluation.locale.messages import message

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
    check_panel(study, manifest, dictionary, folder)
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


def check_panel(study: Study, manifest: Manifest, dictionary: Dictionary, folder: Path) -> None:
    """Check that a panel's files and variables are there; other studies have no such files.

    Parameters
    ----------
    study, manifest, dictionary
        Of one study.
    folder : Path
        ``config/<study>``.

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
