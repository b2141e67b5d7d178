"""R and Stata scripts that make the primary estimates again from the exported clean panel.

Both are text: they hold the plan's choices and no result. The R script runs on its own
(``Rscript primary.R [panel.dta]``) and prints a table; the do-file is written and not run here.
Their parts are the files of ``scripts``. Those of R stand behind the settings: base R except for
reading the file (haven), CV1 (sandwich) and, where memory allows, a second CR2 (clubSandwich).
Names in braces in those of Stata are filled by `stata_do`.
"""

import json
from collections.abc import Iterable
from importlib import resources

from evaluation.config.configuration import Configuration
from evaluation.config.plan import Specification
from evaluation.errors import ReportError
from evaluation.report.formats.words import banner

# Files of the R script in their order; the method is did or ancova.
R_PARTS = "opening {0}_rows errors {0}_test lines {0}_analysis printing"
LANGUAGE = "en"
ROUND = "round"
INVERSE = "inverse:"
NO_WEIGHTS = "none"
# A do-file's quoted text ends at these.
QUOTES = '"`$'


def r_script(configuration: Configuration, *, panel: str) -> str:
    """R script of the primary specification's primary outcomes.

    Parameters
    ----------
    configuration : Configuration
        Of which one is written; see `is_written`.
    panel : str
        Path of the exported Stata file, relative to where the script is started.

    Returns
    -------
    str
        It prints one line per outcome and step (cv1, cv3, cr2; cr2_clubSandwich where memory
        allows; wcr_s of a difference-in-differences, ri and ri_max_t of a trial's analysis of
        covariance) with the columns of the estimates.
    """
    study, plan = configuration.study, configuration.preregistration.plan
    specification = _specification(configuration)
    adjusted = {t: study.arms_with(t) for t in specification.adjust_treatments}
    arms = ", ".join(f"{_quoted(name)} = {_vector(ids)}" for name, ids in adjusted.items())
    settings = {
        "panel_file": _quoted(panel),
        "mark": _quoted(study.mark),
        "outcomes": _vector(outcome.id for outcome in plan.primary_outcomes()),
        "round_column": _quoted(ROUND),
        "rounds": _vector(specification.contrast),
        "cluster_column": _quoted(study.columns.cluster),
        "arm_column": _quoted(study.columns.arm),
        "treated_arms": _vector(study.arms_with(specification.treatment)),
        "adjusted_arms": f"list({arms})",
        "members_only": _logical(specification.sample == "panel_members"),
        "estimand": _quoted(specification.estimand),
        "weight_column": _quoted(_weight(specification)),
        "inverse_weights": _logical(specification.weights.startswith(INVERSE)),
        "population_column": _quoted(study.columns.population or "population"),
        "covariates": _vector(specification.covariates),
        "level": repr(plan.inference.level),
    }
    if specification.method == "did":
        settings |= {
            "stratum_column": _quoted(specification.strata_round),
            "draws": str(plan.inference.draws),
            "weights_kind": _quoted(plan.inference.weights_kind),
        }
    else:
        settings |= {
            "respondent_column": _quoted(study.columns.respondent),
            "effects": _vector(specification.effects),
            "stratum_column": _quoted(plan.inference.permutation_strata),
            "draws": str(plan.inference.permutations),
        }
    lines = [f"# {line}" for line in _heading(configuration)]
    lines += [f"{name} <- {value}" for name, value in settings.items()]
    parts = [_part(f"{name}.R") for name in R_PARTS.format(specification.method).split()]
    return "\n".join(["\n".join(lines), "", *parts])


def stata_do(configuration: Configuration, *, panel: str) -> str:
    """Stata do-file of the primary specification's primary outcomes: written, not run.

    Parameters
    ----------
    configuration : Configuration
    panel : str
        Path of the exported Stata file, relative to where the do-file is started.

    Raises
    ------
    ReportError
        A text that a do-file cannot quote.
    """
    plan, specification = configuration.preregistration.plan, _specification(configuration)
    heading = "".join(f"* {line}\n" for line in ("WRITTEN, NOT RUN.", *_heading(configuration)))
    did = specification.method == "did"
    of_outcome = _part(f"{specification.method}_outcome.do")
    outcomes = (
        "\n"
        + of_outcome.format(
            outcome=outcome.id,
            known=", ".join((outcome.id, *specification.covariates)),
            scaled=_scaled(configuration, specification),
            level=f"{100 * plan.inference.level:g}",
            draws=plan.inference.draws if did else plan.inference.permutations,
            kind=plan.inference.weights_kind,
            round=ROUND,
            endline=_stata(specification.contrast[1]),
            respondent=configuration.study.columns.respondent,
        )
        for outcome in plan.primary_outcomes()
    )
    return heading + _head(configuration, specification, panel) + "".join(outcomes)


def _part(name: str) -> str:
    """Text of a file of ``scripts``."""
    return resources.files(__package__).joinpath("scripts", name).read_text("utf-8")


def is_written(configuration: Configuration) -> bool:
    """Whether there are scripts of the primary specification.

    Parameters
    ----------
    configuration : Configuration
        Its difference-in-differences has them, and its analysis of covariance with the
        respondent's own baseline value whose test is by permutation.
    """
    specification = _specification(configuration)
    step = configuration.preregistration.plan.inference.primary_step
    trial = (specification.method, specification.lag, step) == ("ancova", "respondent", "ri")
    return specification.method == "did" or trial


def _specification(configuration: Configuration) -> Specification:
    return configuration.preregistration.plan.primary_specification()


def _heading(configuration: Configuration) -> tuple[str, ...]:
    """What the script is; the mark of invented data comes first."""
    study, plan = configuration.study, configuration.preregistration.plan
    said = banner(study.mark, LANGUAGE)
    return (
        *((said,) if said else ()),
        f"Primary estimates of {study.title[LANGUAGE]}, made again from the clean panel.",
        f"Specification {plan.primary_specification().id}, plan {plan.hash[:12]}.",
        "Start it in the root of the repository, after the data are clean.",
        "One outcome at a time: its interval and p-value are unadjusted, as printed in the annex;",
        "the published ones of primary outcomes are simultaneous over all of them.",
    )


def _head(configuration: Configuration, specification: Specification, panel: str) -> str:
    """What stands before the outcomes: rows, weights and regressors."""
    study, plan = configuration.study, configuration.preregistration.plan
    did = specification.method == "did"
    weight = _weight(specification) or "1"
    strata = specification.strata_round if did else plan.inference.permutation_strata
    encoded = f"encode {strata}, generate(did_stratum)" if strata else ""
    treatments = (specification.treatment, *specification.adjust_treatments)
    arm = study.columns.arm if did else "did_name"
    conditions = [_among(arm, study.arms_with(treatment)) for treatment in treatments]
    effects = specification.effects
    head = _part(f"{specification.method}_head.do").format(
        panel=_stata(panel),
        rounds=_among(ROUND, specification.contrast),
        members="keep if panel_member == 1\n" if specification.sample == "panel_members" else "",
        round=ROUND,
        endline=_stata(specification.contrast[1]),
        treated=conditions[0],
        adjusted="".join(
            f"generate double did_other{number} = ({among}) * did_post\n"
            for number, among in enumerate(conditions[1:], start=1)
        ),
        stratum_change=f"{encoded}\n" if encoded else "",
        stratum=encoded or "generate did_stratum = 1",
        cluster=study.columns.cluster,
        arm=study.columns.arm,
        weight=f"1 / {weight}" if specification.weights.startswith(INVERSE) else weight,
        controls=_controls(specification) if did else " ".join(f"i.did_{name}" for name in effects),
        effects="".join(f"encode {name}, generate(did_{name})\n" for name in effects),
        treatments="".join(
            f"    generate byte did_received{number} = ({among})\n"
            for number, among in enumerate(conditions)
        ),
        received=" ".join(f"did_received{number}" for number, _ in enumerate(conditions)),
    )
    if not specification.covariates:
        return head
    return head + _part("covariates.do").format(covariates=" ".join(specification.covariates))


def _controls(specification: Specification) -> str:
    """Regressors beside the effect and the covariates; Stata leaves out one stratum's change."""
    others = (f"did_other{n}" for n in range(1, len(specification.adjust_treatments) + 1))
    strata = ("i.did_stratum#c.did_post",) if specification.strata_round else ()
    return " ".join(("did_post", *others, *strata))


def _scaled(configuration: Configuration, specification: Specification) -> str:
    if specification.estimand == "respondents":
        return ""
    people = configuration.study.columns.population or "population"
    population = f" * {people}" if specification.estimand == "population" else ""
    return _part("equal_weights.do").format(population=population)


def _weight(specification: Specification) -> str:
    if specification.weights == NO_WEIGHTS:
        return ""
    return specification.weights.removeprefix(INVERSE)


def _among(column: str, values: Iterable[str]) -> str:
    """A condition on a text column, without the ten-argument limit of ``inlist``."""
    return " | ".join(f'{column} == "{_stata(value)}"' for value in values)


def _stata(text: str) -> str:
    if any(sign in text for sign in QUOTES):
        raise ReportError.of("cannot-stand", "rename", "Stata do-file", text=repr(text))
    return text


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _vector(values: Iterable[str]) -> str:
    return f"c({', '.join(_quoted(value) for value in values)})"


def _logical(value: object) -> str:
    return "TRUE" if value else "FALSE"
