"""Read the dictionary's module files and refuse what a dictionary may not say."""

import math
import re
from pathlib import Path

from evaluation.config.dictionary import NAME, Dictionary, Module, Variable, by_source
from evaluation.config.toml_reader import TomlFile, named, read
from evaluation.errors import SpecError
from evaluation.locale.messages import message


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
    names = sorted(f"dictionary/{path.name}" for path in (folder / "dictionary").glob("*.toml"))
    whole = TomlFile(named(folder, "dictionary"))
    whole.refuse(not names, "no-dictionary", "add-least-one")
    files = [TomlFile(named(folder, name)) for name in names]
    dictionary = Dictionary(tuple(read(Module, folder, name) for name in names))
    for module, toml in zip(dictionary.modules, files, strict=True):
        _register(dictionary, module, toml)
    for module, toml in zip(dictionary.modules, files, strict=True):
        for variable in module.variable:
            _check_variable(dictionary, variable, sources, toml)
    _check_unused(dictionary, whole)
    for source in sources:
        raws = (variable.raw[source] for variable in dictionary.in_source(source))
        whole.unique(raws, message("word.raw-column-of", name=source))
    return dictionary


def _register(dictionary: Dictionary, module: Module, toml: TomlFile) -> None:
    toml.unique([*dictionary.codes, *(c.id for c in module.codes)], "code list")
    toml.unique([*dictionary.missing, *(m.id for m in module.missing)], "missing list")
    for codes in module.codes:
        toml.unique((c.code for c in codes.values), message("word.code-in", name=codes.id))
    for missing in module.missing:
        toml.unique(missing.all, message("word.missing-code-in", name=missing.id))
    toml.unique([*dictionary.variables, *(v.name for v in module.variable)], "variable")
    dictionary.codes.update({c.id: c for c in module.codes})
    dictionary.missing.update({m.id: m for m in module.missing})
    dictionary.variables.update({v.name: v for v in module.variable})


def _check_variable(
    dictionary: Dictionary, variable: Variable, sources: tuple[str, ...], toml: TomlFile
) -> None:
    key, kind = f"variable.{variable.name}", variable.type
    illegal = not NAME.fullmatch(variable.name)
    toml.refuse(illegal, "not-legal-name", "use-most-characters", name=variable.name)
    for source in variable.raw:
        toml.known(source, sources, "source", f"{key}.raw")
        for what, table in (("codes", dictionary.codes), ("missing", dictionary.missing)):
            chosen = by_source(getattr(variable, what), source)
            toml.known([] if chosen is None else [chosen], table, what, f"{key}.{what}")
        toml.refuse(
            kind in ("binary", "ordinal") and not by_source(variable.codes, source),
            "no-codes",
            "name-code-list",
            key=key,
            type=kind,
            source=source,
        )
        _check_overlap(dictionary, variable.name, source, toml)
    bounds = variable.range
    # a NaN bound would let every value pass
    ordered = len(bounds) == 2 and all(map(math.isfinite, bounds)) and bounds[0] <= bounds[1]
    toml.refuse(bounds and not ordered, "not-low-high", "write-two-numbers", key=key)
    _check_pattern(variable, key, toml)
    ages = variable.over_time == "ages" and kind not in ("count", "number")
    toml.refuse(ages, "ages-variable", "years-count-number", key=key, type=kind)
    if variable.asked_if is not None:
        gate = variable.asked_if.variable
        toml.known(gate, dictionary.variables, "variable", f"{key}.asked_if")


def _check_pattern(variable: Variable, key: str, toml: TomlFile) -> None:
    both = variable.pattern and variable.codes is not None
    toml.refuse(both, "codes-pattern", "remove-codes", key=key)
    try:
        re.compile(variable.pattern, re.ASCII)
    except re.error as error:
        toml.refuse(error, "not-regular-expression", "correct-write", key=key, error=error)


def _check_overlap(dictionary: Dictionary, name: str, source: str, toml: TomlFile) -> None:
    """A code that is both an answer and missing would take answers away without a word."""
    codes, missing = dictionary.code_list(name, source), dictionary.missing_codes(name, source)
    if codes is None or missing is None:
        return
    both = sorted({code.code for code in codes.values} & set(missing.all))
    toml.refuse(
        both,
        "both-answer-missing",
        "take-out-codes",
        name=name,
        both=", ".join(both),
        source=source,
        id=codes.id,
        id_other=missing.id,
    )


def _check_unused(dictionary: Dictionary, whole: TomlFile) -> None:
    for what, table in (("codes", dictionary.codes), ("missing", dictionary.missing)):
        used = set()
        for variable in dictionary.variables.values():
            chosen = getattr(variable, what)
            used |= set(chosen.values()) if isinstance(chosen, dict) else {chosen}
        unused = [identifier for identifier in table if identifier not in used]
        if len(unused) == 1:
            raise SpecError(
                message(f"unused-{what}-list.problem", name=unused[0]),
                where=whole.where,
                fix=message("remove-name.fix"),
            )
        names = ", ".join(unused)
        whole.refuse(unused, "unused-lists", "unused-lists", what=what, names=names)
