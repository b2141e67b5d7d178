"""The records of a study as the stages saved them, and the functions that its claims name."""

import ast
import dataclasses
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from evaluation.config.configuration import Configuration
from evaluation.config.design_records import SitePool, TrueEffect
from evaluation.config.exhibits import ExhibitRegistry
from evaluation.errors import SpecError, StorageError
from evaluation.estimation.inference.pooling import random_effects
from evaluation.estimation.records import Provenance
from evaluation.file_content import dict_rows
from evaluation.report.figures.frame import draws
from evaluation.report.formats.table import builds
from evaluation.report.record_set import FILES, OF_PANEL, Line, Records, kind_of
from evaluation.storage import disk, folders
from evaluation.storage.folders import Paths

# Kinds of records that are read where a builder of the registry shows them.
SHOWN = {
    "response": ("dispositions", "response"),
    "weights": ("weight_checks",),
    "attrition_map": ("again",),
    "backcheck": ("backcheck",),
    **dict.fromkeys(("calibration", "rule_errors"), ("calibration", "calibration_unavailable")),
}
ALWAYS = tuple(name for name in FILES if all(name not in names for names in SHOWN.values()))
PROGRAM = Path(__file__).resolve().parents[2]


def load_records(
    paths: Paths, configuration: Configuration, true_effects: tuple[TrueEffect, ...] = ()
) -> Records:
    """Everything that the earlier stages saved and an exhibit may show.

    Parameters
    ----------
    paths : Paths
    configuration : Configuration
    true_effects : tuple of TrueEffect
        Of an invented study.

    Raises
    ------
    StorageError
        A file is missing or from another version.
    """
    results = disk.read_json(paths.build / "results.json")
    if configuration.study.panel is not None:
        return _of_panel(paths, configuration, results)
    published = _published(paths, configuration)
    return Records(
        provenance=Provenance(**{key: results[key] for key in Provenance.__annotations__}),
        **_read(paths.build, ALWAYS),
        **read_shown(paths.build, configuration.registry),
        published=published,
        pools=pools(published, level=configuration.preregistration.plan.inference.level),
        true_effects=true_effects,
        makers=makers(configuration),
        lines=claim_lines(configuration),
    )


def _of_panel(paths: Paths, configuration: Configuration, results: dict[str, Any]) -> Records:
    """What the stages of a panel saved, and its clusters where their list is public."""
    return Records(
        provenance=Provenance(**{key: results[key] for key in Provenance.__annotations__}),
        **_read(paths.build, OF_PANEL),
        frame=_places(paths, configuration),
        makers=makers(configuration),
        lines=claim_lines(configuration),
    )


def _places(paths: Paths, configuration: Configuration) -> tuple[Line, ...]:
    """Code, name, place and group of each cluster; nothing with a given list or a blinded plan.

    A private list stays private, and scrambled treatment would name places that have none.
    """
    study = configuration.study
    given = (paths.private / folders.TREATED_LIST).exists()
    if study.panel is None or given or study.blinded:
        return ()
    cluster, stratum = study.columns.cluster, study.columns.stratum or "stratum"
    frame = disk.read_frame(paths.clean / "frame.parquet").set_index(cluster)
    known = disk.read_frame(paths.private / folders.ASSIGNMENT).set_index(cluster)
    names = {"name": study.panel.treated.name, "lat": "lat", "lon": "lon", "stratum": stratum}
    table = frame[list(names.values())].set_axis(list(names), axis=1)
    table["stratum"] = table["stratum"].fillna("")
    table = table.astype(str)
    table["code"] = table.index.astype(str)
    table["status"] = known["status"].reindex(table.index)
    return tuple(table.to_dict(orient="records"))


def read_shown(build: Path, registry: ExhibitRegistry) -> dict[str, Any]:
    """Records that only some exhibits show, by their name, where the registry lists one.

    Parameters
    ----------
    build : Path
        The study's results.
    registry : ExhibitRegistry

    Raises
    ------
    StorageError
        The file of a listed exhibit is missing or from another version, or rejection rates are
        those of another plan or other data.
    """
    listed = {exhibit.builder for exhibit in registry.exhibit}
    if listed & {"calibration", "rule_errors"}:
        check_calibrated(build, disk.read_json(build / "results.json"))
    return _read(build, [name for builder in SHOWN if builder in listed for name in SHOWN[builder]])


def check_calibrated(build: Path, results: dict[str, Any]) -> None:
    """Refuse rejection rates that are not of this plan and these data.

    Parameters
    ----------
    build : Path
    results : dict
        ``plan_hash`` and ``data_hash`` of the estimates.

    Raises
    ------
    StorageError
        They are not.
    """
    stamp = build / folders.CALIBRATION
    made = disk.read_json(stamp) if stamp.is_file() else {}
    if any(made.get(key) != results[key] for key in ("plan_hash", "data_hash")):
        raise StorageError.of("calibration-missing", "calibration-missing", stamp.as_posix())


def _read(build: Path, names: Iterable[str]) -> dict[str, Any]:
    return {name: disk.read_records(build / FILES[name], kind_of(name)) for name in names}


def _published(paths: Paths, configuration: Configuration) -> tuple[Line, ...]:
    """Rows of the published files, as text; read where they were delivered."""
    rows: list[Line] = []
    for file in configuration.manifest.with_role("published"):
        folder = paths.raw if file.folder == "data_raw" else paths.config
        delimiter = file.dialect.delimiter if file.dialect else ","
        rows += dict_rows(disk.read_text(folder / file.path), separator=delimiter)
    return tuple(rows)


def pools(published: Iterable[Line], *, level: float) -> tuple[SitePool, ...]:
    """Pool of each hypothesis that published files give the estimates of several sites for.

    Parameters
    ----------
    published : iterable of mappings
        Rows of published files; those that name a ``study`` are of one site.
    level : float
        Of the intervals.

    Raises
    ------
    EstimationError
        A hypothesis has one site only, or a number that is none.
    """
    sites: dict[str, list[tuple[float, float]]] = {}
    for line in published:
        if "study" in line:
            numbers = float(line["estimate"]), float(line["std.error"])
            sites.setdefault(line["hypothesis"], []).append(numbers)
    found = {
        name: random_effects(*zip(*rows, strict=True), level=level) for name, rows in sites.items()
    }
    return tuple(SitePool(hypothesis=n, **dataclasses.asdict(p)) for n, p in found.items())


def makers(configuration: Configuration) -> dict[str, str]:
    """For each exhibit the function that makes it, as ``module:function``."""
    builders = {**builds, **draws}
    return {
        exhibit.id: f"{builders[exhibit.builder].__module__}:{builders[exhibit.builder].__name__}"
        for exhibit in configuration.registry.exhibit
    }


def claim_lines(configuration: Configuration) -> dict[str, int]:
    """First line of every function that a claim of the review names, or that makes its exhibit.

    Raises
    ------
    SpecError
        A claim names a module or a function that the program does not have.
    """
    if configuration.review is None:
        return {}
    made = makers(configuration)
    named = {f for claim in configuration.review.claim for f in claim.functions}
    named |= {made[claim.exhibit] for claim in configuration.review.claim if claim.exhibit in made}
    return find_functions(named, where=f"{configuration.study.id}/review.toml")


def find_functions(
    functions: Iterable[str], *, where: str, program: Path = PROGRAM
) -> dict[str, int]:
    """First line of each function, from the syntax tree of its module.

    Parameters
    ----------
    functions : iterable of str
        ``evaluation.estimation.did:estimate``; methods are not looked up.
    where : str
        File that names them, for messages.
    program : Path
        Folder that holds the package.

    Raises
    ------
    SpecError
        There is no such module or function.
    """
    known: dict[str, Mapping[str, int]] = {}
    found: dict[str, int] = {}
    for function in sorted(functions):
        module, _, name = function.partition(":")
        if module not in known:
            known[module] = _functions(program, module)
        if name not in known[module]:
            raise SpecError.of(
                "claim-without-function",
                "claim-without-function",
                where,
                rule="claim-without-function",
                function=function,
            )
        found[function] = known[module][name]
    return found


def _functions(program: Path, module: str) -> Mapping[str, int]:
    path = program.joinpath(*module.split(".")).with_suffix(".py")
    if not path.is_file():
        return {}
    tree = ast.parse(disk.read_text(path))
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return {node.name: node.lineno for node in tree.body if isinstance(node, kinds)}
