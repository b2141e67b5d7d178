"""What clean files and their columns are: name, terms of use, one description for every format.

The dictionary describes the variables, the plan the outcomes; the columns that the pipeline adds
are described here.
"""

from dataclasses import dataclass
from typing import Literal

import pandas as pd

from evaluation.config.dictionary import CODED, MISSING_KINDS, Code, Dictionary, Variable
from evaluation.config.plan import Outcome, Plan
from evaluation.config.study import Study
from evaluation.config.toml_reader import Text
from evaluation.data.cleaning.clean import MISSING
from evaluation.data.clusters import FLAG
from evaluation.estimation.parameters import BLINDED, SYNTHETIC
from evaluation.locale.messages import wording


def title(study: Study) -> Text:
    """Title of the study with its mark before it."""
    return marked(study.title, study)


def marked(text: Text, study: Study) -> Text:
    """A text with the study's mark before it, where it has one."""
    before = f"{study.mark}: " if study.mark else ""
    return Text(en=f"{before}{text.en}", es=f"{before}{text.es}")


def description(study: Study) -> Text:
    """What the marks say, if there are any, and the question of the study."""
    said = [
        Text.of(f"terms.description.{mark}")
        for mark in (SYNTHETIC, BLINDED)
        if mark in study.mark.split()
    ]
    return Text(
        en=" ".join([*(text.en for text in said), study.question.en]),
        es=" ".join([*(text.es for text in said), study.question.es]),
    )


def access(study: Study) -> Text:
    """Who may use the clean data: as declared, or what holds where nothing is declared."""
    if study.archive is not None and study.archive.access is not None:
        return study.archive.access
    return Text.of("terms.free" if study.synthetic else "terms.closed")


def licence(study: Study) -> dict[str, str]:
    """Licence of the clean data as Data Package writes one: an id, a title, an address."""
    if study.synthetic:
        return {
            "name": "CC-BY-4.0",
            "path": "https://creativecommons.org/licenses/by/4.0/",
            "title": wording("terms.free", "en"),
            "title_es": wording("terms.free", "es"),
        }
    # ids of the Open Definition's list: terms are declared in words, or nothing is granted
    declared = study.archive is not None and study.archive.access is not None
    name = "notspecified" if declared else "other-closed"
    return {"name": name, "title": access(study).en, "title_es": access(study).es}


Storage = Literal["string", "integer", "number", "date", "datetime", "boolean"]
Role = Literal["variable", "missing", "outcome", "added"]
ROUND, ROW_KEY, MEMBER, MARK = "round", "row_key", "panel_member", "synthetic"


@dataclass(frozen=True, slots=True, kw_only=True)
class CleanColumn:
    """One column of a clean table.

    Attributes
    ----------
    storage : str
        Type by the names of Table Schema. Whole numbers are kept as floats in the tables, because
        they may be missing.
    role : {"variable", "missing", "outcome", "added"}
        Variable of the dictionary, its companion of missing kinds, outcome of the plan, or a column
        that the pipeline adds.
    of : str
        Variable that a companion belongs to.
    codes : tuple of (float or str, Text)
        Allowed values with their labels; empty where any value of the type is allowed.
    missing : tuple of str
        Missing kinds that the variable may have.
    variable : Variable, optional
        The declaration, for variables.
    outcome : Outcome, optional
        The declaration, for outcomes.
    """

    name: str
    label: Text
    storage: Storage
    role: Role
    of: str = ""
    codes: tuple[tuple[float | str, Text], ...] = ()
    missing: tuple[str, ...] = ()
    unit: str = ""
    personal: str = "none"
    variable: Variable | None = None
    outcome: Outcome | None = None

    @property
    def question(self) -> Text | None:
        """Words of the question, where it was one."""
        return self.variable.question if self.variable else None


def describe(
    table: pd.DataFrame, dictionary: Dictionary, plan: Plan | None, study: Study
) -> tuple[CleanColumn, ...]:
    """Describe the columns of a clean table, in their order.

    Parameters
    ----------
    table : DataFrame
        ``panel``, ``analysis`` or ``series``.
    dictionary, plan, study
        What was declared.

    Returns
    -------
    tuple of CleanColumn
        A column that nothing declares has its name as label.
    """
    outcomes = {outcome.id: outcome for outcome in (plan.outcome if plan is not None else ())}
    added = _added(study) | _of_panel(study)
    found: list[CleanColumn] = []
    for name in map(str, table.columns):
        if name in dictionary.variables:
            found.append(_variable(name, table[name], dictionary, study))
        elif name.endswith(MISSING):
            found.append(_companion(name, dictionary))
        elif name in outcomes:
            found.append(_outcome(outcomes[name]))
        else:
            found.append(added.get(name) or _undeclared(name, table[name]))
    return tuple(found)


def _variable(name: str, column: pd.Series, dictionary: Dictionary, study: Study) -> CleanColumn:
    variable = dictionary.variables[name]
    codes = _codes(variable, dictionary)
    return CleanColumn(
        name=name,
        label=variable.label,
        storage=_storage(variable, column, [value for value, _ in codes]),
        role="variable",
        codes=codes,
        missing=_missing(variable, dictionary, study),
        unit=variable.unit,
        personal=variable.personal,
        variable=variable,
    )


def _undeclared(name: str, column: pd.Series) -> CleanColumn:
    label = Text(en=name, es=name)
    if pd.api.types.is_bool_dtype(column):
        return _one(name, label, storage="boolean")
    numeric = pd.api.types.is_numeric_dtype(column)
    return _one(name, label, storage="number" if numeric else "string")


def _storage(variable: Variable, column: pd.Series, values: list[float | str]) -> Storage:
    if pd.api.types.is_datetime64_dtype(column):
        return "date" if variable.type == "date" else "datetime"
    if not pd.api.types.is_numeric_dtype(column):
        return "string"
    # people carried back by another series' changes are no whole numbers
    if variable.type == "count" and bool((column.dropna() % 1 != 0).any()):
        return "number"
    whole = [isinstance(value, float) and value.is_integer() for value in values]
    return "integer" if variable.type == "count" or (whole and all(whole)) else "number"


def _codes(variable: Variable, dictionary: Dictionary) -> tuple[tuple[float | str, Text], ...]:
    """Harmonised values of all sources; where sources label one differently, the last one's."""
    if variable.type not in CODED:
        return ()
    lists = [dictionary.code_list(variable.name, source) for source in variable.raw]
    codes: list[Code] = [code for entry in lists if entry is not None for code in entry.values]
    labels = {code.value: Text(en=code.en, es=code.es) for code in codes}
    return tuple(sorted(labels.items(), key=lambda pair: (isinstance(pair[0], str), pair[0])))


def _missing(variable: Variable, dictionary: Dictionary, study: Study) -> tuple[str, ...]:
    kinds: set[str] = set()
    for source in variable.raw:
        declared = dictionary.missing_codes(variable.name, source)
        if declared is not None:
            kinds |= {kind for kind in MISSING_KINDS if getattr(declared, kind)}
            kinds |= {declared.blank} - {"error"}
    asked = [round_id in variable.raw for round_id in study.rounds]
    if variable.asked_if or (any(asked) and not all(asked)):
        kinds.add("not_asked")
    return tuple(kind for kind in MISSING_KINDS if kind in kinds)


def _companion(name: str, dictionary: Dictionary) -> CleanColumn:
    of = name.removesuffix(MISSING)
    label = dictionary.variables[of].label
    return CleanColumn(
        name=name,
        label=Text.of("clean-column.why-missing", label=label),
        storage="string",
        role="missing",
        of=of,
        codes=tuple((kind, Text.of(f"missing-label.{kind}")) for kind in MISSING_KINDS),
        personal=dictionary.variables[of].personal,
    )


def _outcome(outcome: Outcome) -> CleanColumn:
    return CleanColumn(
        name=outcome.id,
        label=outcome.label,
        storage="number",
        role="outcome",
        unit=outcome.unit,
        personal="sensitive" if outcome.sensitive else "none",
        outcome=outcome,
    )


def _added(study: Study) -> dict[str, CleanColumn]:
    """Columns that the pipeline adds."""
    cluster = study.names.cluster
    rounds = tuple((entry.id, entry.label) for entry in study.round)
    mark = Text.of("clean-column.not-to-be-cited")
    listed = [
        _one(ROUND, Text.of("clean-column.round"), codes=rounds),
        _one(ROW_KEY, Text.of("clean-column.row-key")),
        _one(MEMBER, Text.of("clean-column.member", cluster=cluster), storage="boolean"),
        _one(MARK, Text.of("codebook-field.synthetic"), codes=((study.mark, mark),)),
    ]
    for event in study.event:
        label = Text.of("clean-column.event", event=event.label)
        listed.append(_one(f"{FLAG}{event.id}", label, storage="boolean"))
    return {column.name: column for column in listed}


def _of_panel(study: Study) -> dict[str, CleanColumn]:
    """Columns of a panel beside its cluster and period: counts, series, flags, the rate."""
    panel = study.panel
    if panel is None:
        return {}
    people = panel.population
    shown = f"{people.per:,.0f}"
    per = Text(en=shown, es=shown.replace(",", "."))
    listed = [_one(count.id, count.label, storage="integer") for count in panel.count]
    listed += [
        _one(name, Text.of("panel-column.series", name=name), storage="integer")
        for name in (people.main, people.earlier)
    ]
    listed += [
        _one("rate", Text.of("panel-column.rate", per=per), storage="number"),
        _one("no_population", Text.of("panel-column.no-population"), storage="boolean"),
        _one("population_spliced", Text.of("panel-column.spliced"), storage="boolean"),
    ]
    return {column.name: column for column in listed}


def _one(
    name: str,
    label: Text,
    *,
    storage: Storage = "string",
    codes: tuple[tuple[float | str, Text], ...] = (),
) -> CleanColumn:
    return CleanColumn(name=name, label=label, storage=storage, role="added", codes=codes)
