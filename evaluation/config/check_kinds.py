"""Kinds of checks: what each needs of the plan, what it doubts, and what its rows estimate."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from evaluation.config.dictionary import Dictionary
from evaluation.config.plan import Check, Plan, Theme
from evaluation.config.plan_rules import EXTRA
from evaluation.config.toml_reader import TomlFile, named
from evaluation.estimation.row_keys import Covariate, Covariates, Panel, Part, Rate, Ring, RowKey

# Keys of ``[[check]]`` that a kind may read; ``variable`` is ``variables`` with one name in it.
Option = Literal[
    "variable",
    "variables",
    "values",
    "distances",
    "share",
    "date",
    "groups",
    "known",
    "minimum_clusters",
    "silent_range",
]
# What rows estimate: the primary effect, and their difference from it; that effect without some of
# the data, so that the difference tells of what was left out; the same effect with other standard
# errors; the effect on groups of people; or another quantity.
Estimand = Literal["effect", "effect on fewer", "effect, other errors", "effect by group", "other"]


@dataclass(frozen=True, slots=True)
class CheckKind:
    """What a kind of check is.

    Attributes
    ----------
    theme : str
        What is doubted, where the plan names no other.
    estimand : str
        What its rows estimate, so that tables know where they stand and what they give away.
    needs, takes : tuple of str
        Keys that the plan must give, and may give.
    beside : tuple of types
        Keys of its rows that do not estimate the effect.
    range : RowKey, optional
        Key of the range of effects that it gives.
    one_line : bool
        Whether its rows are read together, as those without one place at a time.
    benchmarks : bool
        Whether it sets the published interval against benchmarks of unequal trends: series,
        covariates of the frame, negative controls.
    of_some_clusters : bool
        Whether a row that estimates something else is of some of the primary estimate's clusters.
    columns : tuple of str
        Keys of ``columns`` in study.toml that it reads, beside date and coordinates.
    """

    theme: Theme
    estimand: Estimand
    needs: tuple[Option, ...] = ()
    takes: tuple[Option, ...] = ()
    beside: tuple[type[RowKey], ...] = ()
    range: RowKey | None = None
    one_line: bool = False
    benchmarks: bool = False
    of_some_clusters: bool = False
    columns: tuple[str, ...] = ()

    @property
    def is_compared(self) -> bool:
        """Whether its rows differ from the primary estimate in what they assume, not in what of."""
        return self.estimand in ("effect", "effect on fewer")

    @property
    def leaves_out(self) -> bool:
        """Whether its rows may leave clusters or interviews of the primary estimate out.

        A kind that estimates the effect may, whatever it is made for; only rows of groups of
        people and of other quantities cannot be subtracted from the primary estimate.
        """
        of_all = ("effect", "effect on fewer", "effect, other errors")
        return self.estimand in of_all or self.of_some_clusters


KINDS: Mapping[str, CheckKind] = {
    "strata_round": CheckKind("shocks", "effect", needs=("variable",)),
    "controls": CheckKind("measurement", "effect", needs=("variables",)),
    "leave_one_out": CheckKind("shocks", "effect on fewer", needs=("variable",), one_line=True),
    "before_date": CheckKind("shocks", "effect on fewer", needs=("date",)),
    "leave_exposed": CheckKind("spillover", "effect on fewer", needs=("variable", "share")),
    "spillover": CheckKind(
        "spillover",
        "effect on fewer",
        needs=("variable",),
        takes=("distances",),
        beside=(Ring,),
        columns=("subregion",),
    ),
    "conley": CheckKind("spillover", "effect, other errors", needs=("distances",)),
    "entropy_balancing": CheckKind("comparison", "effect", needs=("variables",)),
    "composition": CheckKind(
        "composition", "effect", needs=("variables",), beside=(Covariate, Covariates)
    ),
    "doubly_robust": CheckKind("composition", "effect", needs=("variables",)),
    "attrition_weights": CheckKind("attrition", "effect", needs=("variables",), beside=(Rate,)),
    "attrition_bounds": CheckKind("attrition", "other", range=Panel("changes")),
    "bracket": CheckKind("trends", "effect", beside=(Part,), range=Part("bracket")),
    "two_round_sensitivity": CheckKind("trends", "other", takes=("variable",), benchmarks=True),
    "functional_form": CheckKind("model", "other", takes=("variables",)),
    "coding": CheckKind("measurement", "effect", takes=("values",)),
    "nonresponse": CheckKind(
        "measurement", "other", takes=("silent_range",), range=Part("worst_case")
    ),
    "measurement": CheckKind("measurement", "other"),
    "interviewers": CheckKind("measurement", "effect", needs=("variable",)),
    "conditioning": CheckKind("measurement", "effect"),
    "subgroup": CheckKind(
        "for whom",
        "effect by group",
        needs=("variable", "groups", "known"),
        takes=("minimum_clusters",),
    ),
    "cohorts": CheckKind("for whom", "effect by group", columns=("cohort",), of_some_clusters=True),
    "exposure": CheckKind("for whom", "other", needs=("variable",)),
    "by_place": CheckKind("for whom", "other", needs=("variable",), of_some_clusters=True),
    "variance_of_changes": CheckKind("for whom", "other"),
}

# Kinds of which an exhibit by each builder shows results: the plan needs one of them.
SHOWN_BY: Mapping[str, tuple[str, ...]] = {
    "exposure": ("exposure",),
    "spillover": ("spillover",),
    "bounds": ("attrition_bounds", "bracket", "nonresponse"),
    "composition": ("composition",),
    "covariate_balance": ("entropy_balancing",),
    "love_plot": ("entropy_balancing",),
    "places": ("by_place", "variance_of_changes"),
    "places_plot": ("by_place",),
    "breakdown": ("two_round_sensitivity",),
    "breakdown_plot": ("two_round_sensitivity",),
    "reliability": ("measurement",),
    "invariance": ("measurement",),
    "interviewers": ("interviewers",),
    "conditioning": ("conditioning",),
    "silence": ("nonresponse",),
    "answer_shares": ("functional_form",),
    "subgroups": tuple(kind for kind, of in KINDS.items() if of.estimand == "effect by group"),
    "subgroups_plot": tuple(kind for kind, of in KINDS.items() if of.estimand == "effect by group"),
}


def kind_of(check: Check) -> CheckKind:
    """What the kind of a check is declared to be."""
    return KINDS[check.kind]


def doubt_of(check: Check) -> Theme:
    """What a check doubts: the plan's word, or its kind's."""
    return check.theme or kind_of(check).theme


def check_checks(plan: Plan, dictionary: Dictionary, folder: Path) -> None:
    """Check that each check of a plan has what its kind needs, and nothing that its kind ignores.

    Parameters
    ----------
    plan, dictionary
        Of one study.
    folder : Path
        ``config/<study>``.

    Raises
    ------
    SpecError
        Names the check, the key and the fix.
    """
    for check in plan.check:
        _check_check(plan, check, dictionary, TomlFile(named(folder, "plan.toml")))


def _check_check(plan: Plan, check: Check, dictionary: Dictionary, toml: TomlFile) -> None:
    """A check has what its kind needs, and nothing that nobody reads."""
    key, kind = f"check.{check.id}", repr(check.kind)
    toml.refuse(
        check.id in {s.id for s in plan.specification}, "id-specification", "rename-check", key=key
    )
    toml.known(check.outcomes, [o.id for o in plan.outcome], "outcome", key)
    toml.known(check.variables, (*dictionary.variables, *EXTRA), "variable", key)
    toml.known(check.kind, KINDS, "kind", f"{key}.kind")
    declared, n = kind_of(check), len(check.variables)
    needed = {_key(option) for option in declared.needs}
    read = {"id", "label", "answers", "kind", "theme", "outcomes", *needed}
    read |= {_key(option) for option in declared.takes}
    several = "variable" in (*declared.needs, *declared.takes) and n > 1
    toml.refuse(several, "names-variables", "write-check-each", key=key, n=n, kind=kind)
    for name in (field.name for field in dataclasses.fields(check)):
        given = getattr(check, name) not in ((), None)
        toml.refuse(
            given and name not in read, "not-read-kind", "remove", key=key, name=name, kind=kind
        )
        toml.refuse(
            not given and name in needed, "missing", "kind-needs", key=key, name=name, kind=kind
        )
    silent = check.silent_range
    wrong = bool(silent) and not (len(silent) == 2 and 0.0 <= silent[0] <= silent[1] <= 1.0)
    toml.refuse(wrong, "silent-range", "silent-range", key=f"{key}.silent_range")


def _key(option: Option) -> str:
    return "variables" if option == "variable" else option
