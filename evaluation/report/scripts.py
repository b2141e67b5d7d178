"""R and Stata scripts that make the primary estimates again from the exported clean panel.

Both are text: they hold the plan's choices and no result. The R script runs on its own
(``Rscript primary.R [panel.dta]``) and prints a table; the do-file is written and not run here.
"""

import json
from collections.abc import Iterable

from evaluation.errors import ReportError
from evaluation.locale.messages import message
from evaluation.report import script_r_did, script_r_trial
from evaluation.report.script_stata import (
    COVARIATES,
    EQUAL,
    HEAD,
    OUTCOME,
    TRIAL_HEAD,
    TRIAL_OUTCOME,
)
from evaluation.report.words import banner
from evaluation.spec.configuration import Configuration
from evaluation.spec.plan import Specification

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
    panel : str
        Path of the exported Stata file, relative to where the script is started.

    Returns
    -------
    str
        It prints one line per outcome and step (cv1, cv3, cr2; cr2_clubSandwich where memory
        allows; wcr_s of a difference-in-differences, ri and ri_max_t of a trial's analysis of
        covariance) with the columns of the estimates.

    Raises
    ------
    ReportError
        The primary specification is an analysis of covariance whose baseline value is not the
        respondent's own, or whose test is not by permutation.
    """
    study, plan = configuration.study, configuration.promise.plan
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
        body = script_r_did.BODY
    else:
        settings |= {
            "respondent_column": _quoted(study.columns.respondent),
            "effects": _vector(specification.effects),
            "stratum_column": _quoted(plan.inference.permutation_strata),
            "draws": str(plan.inference.permutations),
        }
        body = script_r_trial.BODY
    lines = [f"# {line}" for line in _heading(configuration)]
    lines += [f"{name} <- {value}" for name, value in settings.items()]
    return "\n".join(lines) + "\n" + body


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
        As `r_script`; or a text that a do-file cannot quote.
    """
    plan, specification = configuration.promise.plan, _specification(configuration)
    heading = "".join(f"* {line}\n" for line in ("WRITTEN, NOT RUN.", *_heading(configuration)))
    did = specification.method == "did"
    outcomes = (
        (OUTCOME if did else TRIAL_OUTCOME).format(
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
    head = _head if did else _trial_head
    return heading + head(configuration, specification, panel) + "".join(outcomes)


def _specification(configuration: Configuration) -> Specification:
    specification = configuration.promise.plan.primary_specification()
    step = configuration.promise.plan.inference.primary_step
    trial = (specification.method, specification.lag, step) == ("ancova", "respondent", "ri")
    if specification.method != "did" and not trial:
        raise ReportError(
            message("no-script-written.problem", method=specification.method),
            where=f"specification {specification.id}",
            mend=message("take-scripts.mend"),
        )
    return specification


def _heading(configuration: Configuration) -> tuple[str, ...]:
    """What the script is; the mark of invented data comes first."""
    study, plan = configuration.study, configuration.promise.plan
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
    study = configuration.study
    weight = _weight(specification) or "1"
    members = "keep if panel_member == 1\n" if specification.sample == "panel_members" else ""
    adjusted = "".join(
        f"generate double did_other{number} ="
        f" ({_among(study.columns.arm, study.arms_with(treatment))}) * did_post\n"
        for number, treatment in enumerate(specification.adjust_treatments, start=1)
    )
    strata = specification.strata_round
    head = HEAD.format(
        panel=_stata(panel),
        rounds=_among(ROUND, specification.contrast),
        members=members,
        round=ROUND,
        endline=_stata(specification.contrast[1]),
        treated=_among(study.columns.arm, study.arms_with(specification.treatment)),
        adjusted=adjusted,
        strata=f"encode {strata}, generate(did_stratum)\n" if strata else "",
        cluster=study.columns.cluster,
        weight=f"1 / {weight}" if specification.weights.startswith(INVERSE) else weight,
        controls=_controls(specification),
    )
    covariates = specification.covariates
    return head + (COVARIATES.format(covariates=" ".join(covariates)) if covariates else "")


def _trial_head(configuration: Configuration, specification: Specification, panel: str) -> str:
    study, strata = configuration.study, configuration.promise.plan.inference.permutation_strata
    weight = _weight(specification) or "1"
    effects = specification.effects
    return TRIAL_HEAD.format(
        panel=_stata(panel),
        rounds=_among(ROUND, specification.contrast),
        members="keep if panel_member == 1\n" if specification.sample == "panel_members" else "",
        cluster=study.columns.cluster,
        arm=study.columns.arm,
        strata=f"encode {strata}, generate(did_stratum)" if strata else "generate did_stratum = 1",
        weight=f"1 / {weight}" if specification.weights.startswith(INVERSE) else weight,
        effects="".join(f"encode {name}, generate(did_{name})\n" for name in effects),
        treatments="".join(
            f"    generate byte did_received{number} ="
            f" ({_among('did_name', study.arms_with(treatment))})\n"
            for number, treatment in enumerate(
                (specification.treatment, *specification.adjust_treatments)
            )
        ),
        received=" ".join(
            f"did_received{number}" for number in range(1 + len(specification.adjust_treatments))
        ),
        controls=" ".join(f"i.did_{name}" for name in effects),
    ) + (
        COVARIATES.format(covariates=" ".join(specification.covariates))
        if specification.covariates
        else ""
    )


def _controls(specification: Specification) -> str:
    """Regressors beside the effect and the covariates; Stata leaves out one stratum's change."""
    others = (f"did_other{n}" for n in range(1, len(specification.adjust_treatments) + 1))
    strata = ("i.did_stratum#c.did_post",) if specification.strata_round else ()
    return " ".join(("did_post", *others, *strata))


def _scaled(configuration: Configuration, specification: Specification) -> str:
    if specification.estimand == "respondents":
        return ""
    people = configuration.study.columns.population or "population"
    return EQUAL.format(population=f" * {people}" if specification.estimand == "population" else "")


def _weight(specification: Specification) -> str:
    if specification.weights == NO_WEIGHTS:
        return ""
    return specification.weights.removeprefix(INVERSE)


def _among(column: str, values: Iterable[str]) -> str:
    """A condition on a text column, without the ten-argument limit of ``inlist``."""
    return " | ".join(f'{column} == "{_stata(value)}"' for value in values)


def _stata(text: str) -> str:
    if any(sign in text for sign in QUOTES):
        raise ReportError(
            message("cannot-stand.problem", text=repr(text)),
            where="Stata do-file",
            mend=message("rename.mend"),
        )
    return text


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _vector(values: Iterable[str]) -> str:
    return f"c({', '.join(_quoted(value) for value in values)})"


def _logical(value: object) -> str:
    return "TRUE" if value else "FALSE"
