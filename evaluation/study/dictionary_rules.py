"""Read the dictionary's module files and refuse what a dictionary may not say."""

import math
import re
from pathlib import Path

from evaluation.errors import SpecError
from evaluation.locale.messages import message
from evaluation.study import toml_reader
from evaluation.study.dictionary import (
    MISSING_KINDS,
    NAME,
    Dictionary,
    MissingCodes,
    Module,
    Variable,
    by_source,
)


def read_dictionary(folder: Path, sources: tuple[str, ...]) -> Dictionary:
    """Read all modules under ``dictionary/`` of a study folder.

    Parameters
    ----------
    folder : Path
        The study's config folder.
    sources : tuple of str
        Round ids and file roles that a variable's ``raw`` may name.

    Raises
    ------
    SpecError
        Any key, type, id or reference that does not hold, and any unused code list.
    """
    paths = sorted((folder / "dictionary").glob("*.toml"))
    if not paths:
        raise SpecError.of("no-dictionary", "add-least-one", f"{folder.name}/dictionary")
    dictionary = Dictionary(
        tuple(
            toml_reader.convert(Module, toml_reader.read_toml(path), where=_where(folder, path))
            for path in paths
        )
    )
    for module, path in zip(dictionary.modules, paths, strict=True):
        _register(dictionary, module, _where(folder, path))
    for module, path in zip(dictionary.modules, paths, strict=True):
        for variable in module.variable:
            _check_variable(dictionary, variable, sources, _where(folder, path))
    _check_unused(dictionary, folder.name)
    _check_raw_names(dictionary, sources, folder.name)
    return dictionary


def _where(folder: Path, path: Path) -> str:
    return f"{folder.name}/dictionary/{path.name}"


def _register(dictionary: Dictionary, module: Module, where: str) -> None:
    for what, ids in (
        ("code list", [*dictionary.codes, *(c.id for c in module.codes)]),
        ("missing list", [*dictionary.missing, *(m.id for m in module.missing)]),
    ):
        toml_reader.unique(ids, what=what, where=where)
    dictionary.codes.update({c.id: c for c in module.codes})
    dictionary.missing.update({m.id: m for m in module.missing})
    for codes in module.codes:
        within = message("word.code-in", name=codes.id)
        toml_reader.unique((c.code for c in codes.values), what=within, where=where)
    for missing in module.missing:
        toml_reader.unique(
            _all_codes(missing), what=message("word.missing-code-in", name=missing.id), where=where
        )
    names = [*dictionary.variables, *(v.name for v in module.variable)]
    toml_reader.unique(names, what="variable", where=where)
    dictionary.variables.update({v.name: v for v in module.variable})


def _check_variable(
    dictionary: Dictionary, variable: Variable, sources: tuple[str, ...], where: str
) -> None:
    key = f"variable.{variable.name}"
    if not NAME.fullmatch(variable.name):
        raise SpecError.of("not-legal-name", "use-most-characters", where, name=variable.name)
    for source in variable.raw:
        toml_reader.known(source, sources, what="source", where=where, key=f"{key}.raw")
        for what, table in (("codes", dictionary.codes), ("missing", dictionary.missing)):
            chosen = by_source(getattr(variable, what), source)
            if chosen is not None:
                toml_reader.known(chosen, table, what=what, where=where, key=f"{key}.{what}")
        if variable.type in ("binary", "ordinal") and not by_source(variable.codes, source):
            raise SpecError.of(
                "no-codes", "name-code-list", where, key=key, type=variable.type, source=source
            )
        _check_overlap(dictionary, variable.name, source, where)
    if variable.range and not _is_range(variable.range):
        raise SpecError.of("not-low-high", "write-two-numbers", where, key=key)
    _check_pattern(variable, key, where)
    if variable.over_time == "ages" and variable.type not in ("count", "number"):
        raise SpecError.of(
            "ages-variable", "years-count-number", where, key=key, type=variable.type
        )
    if variable.asked_if is not None:
        toml_reader.known(
            variable.asked_if.variable,
            dictionary.variables,
            what="variable",
            where=where,
            key=f"{key}.asked_if",
        )


def _check_pattern(variable: Variable, key: str, where: str) -> None:
    if not variable.pattern:
        return
    if variable.codes is not None:
        raise SpecError.of("codes-pattern", "remove-codes", where, key=key)
    try:
        re.compile(variable.pattern, re.ASCII)
    except re.error as error:
        raise SpecError.of(
            "not-regular-expression", "correct-write", where, key=key, error=error
        ) from None


def _is_range(bounds: tuple[float, ...]) -> bool:
    """Two finite numbers in order; a NaN bound would let every value pass."""
    return len(bounds) == 2 and all(map(math.isfinite, bounds)) and bounds[0] <= bounds[1]


def _all_codes(missing: MissingCodes) -> tuple[str, ...]:
    return tuple(code for kind in MISSING_KINDS for code in getattr(missing, kind))


def _check_overlap(dictionary: Dictionary, name: str, source: str, where: str) -> None:
    """A code that is both an answer and missing would take answers away without a word."""
    codes, missing = dictionary.code_list(name, source), dictionary.missing_codes(name, source)
    if codes is None or missing is None:
        return
    both = sorted({code.code for code in codes.values} & set(_all_codes(missing)))
    if both:
        raise SpecError.of(
            "both-answer-missing",
            "take-out-codes",
            where,
            name=name,
            both=", ".join(both),
            source=source,
            id=codes.id,
            id_other=missing.id,
        )


def _check_unused(dictionary: Dictionary, where: str) -> None:
    for what, table in (("codes", dictionary.codes), ("missing", dictionary.missing)):
        used = set()
        for variable in dictionary.variables.values():
            chosen = getattr(variable, what)
            used |= set(chosen.values()) if isinstance(chosen, dict) else {chosen}
        unused = [identifier for identifier in table if identifier not in used]
        if len(unused) > 1:
            raise SpecError.of(
                "unused-lists",
                "unused-lists",
                f"{where}/dictionary",
                what=what,
                names=", ".join(unused),
            )
        for identifier in unused:
            raise SpecError(
                message(f"unused-{what}-list.problem", name=identifier),
                where=f"{where}/dictionary",
                fix=message("remove-name.fix"),
            )


def _check_raw_names(dictionary: Dictionary, sources: tuple[str, ...], where: str) -> None:
    for source in sources:
        toml_reader.unique(
            (v.raw[source] for v in dictionary.in_source(source)),
            what=message("word.raw-column-of", name=source),
            where=f"{where}/dictionary",
        )
