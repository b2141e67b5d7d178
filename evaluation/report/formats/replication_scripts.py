"""R and Stata scripts that make the primary estimates again from the exported clean panel.

Names in braces are filled by `stata_do`.

Both are text: they hold the plan's choices and no result. The R script runs on its own
(``Rscript primary.R [panel.dta]``) and prints a table; the do-file is written and not run here.
"""

import json
from collections.abc import Iterable

from evaluation.errors import ReportError
from evaluation.locale.messages import message
from evaluation.report.formats import replication_r_did, replication_r_trial
from evaluation.report.formats.words import banner
from evaluation.study.configuration import Configuration
from evaluation.study.plan import Specification

HEAD = """\
version 17
clear all
set more off
* install once: reghdfe, ftools and boottest, the last in a version with the option jk
use "{panel}", clear
keep if {rounds}
{members}generate double did_post = ({round} == "{endline}")
generate double did_effect = ({treated}) * did_post
{adjusted}{strata}encode {cluster}, generate(did_cluster)
generate double did_weight = {weight}
local controls {controls}
"""

# Labelled and text columns are categories, as in the package.
COVARIATES = """\
foreach name in {covariates} {{
    local labels : value label `name'
    capture confirm string variable `name'
    if _rc == 0 {{
        encode `name', generate(did_`name')
        local controls `controls' i.did_`name'
    }}
    else if "`labels'" == "" local controls `controls' `name'
    else local controls `controls' i.`name'
}}
"""

OUTCOME = """
* ---- {outcome}
preserve
keep if !missing({known})
bysort did_cluster (did_post): keep if did_post[1] != did_post[_N]
{scaled}* CV1; the variance here is multiplied by (N-1)/(N-K) too, that of the package is not
reghdfe {outcome} did_effect `controls' [pweight = did_weight], ///
    absorb(did_cluster) vce(cluster did_cluster) level({level})
* CV3: delete one cluster at a time, centred at the full estimate, factor (G-1)/G
jackknife _b[did_effect], cluster(did_cluster) mse level({level}): ///
    areg {outcome} did_effect `controls' [pweight = did_weight], absorb(did_cluster)
* wild cluster bootstrap, null imposed, jackknifed scores, symmetric p, set by inversion
areg {outcome} did_effect `controls' [pweight = did_weight], ///
    absorb(did_cluster) vce(cluster did_cluster)
boottest did_effect, jk reps({draws}) weighttype({kind}) seed(1) level({level}) ///
    ptype(symmetric) nograph
restore
"""

EQUAL = """\
bysort did_cluster did_post: egen double did_total = total(did_weight)
replace did_weight = did_weight / did_total{population}
drop did_total
"""

# An analysis of covariance of a trial: the arm as a number is what is permuted, and the dummies of
# the treatments are made from it anew.
TRIAL_HEAD = """\
version 17
clear all
set more off
* install once: ritest
use "{panel}", clear
keep if {rounds}
{members}encode {cluster}, generate(did_cluster)
encode {arm}, generate(did_arm)
{strata}
{effects}generate double did_weight = {weight}
local controls {controls}
* the fit of an outcome, with the treatments of the arm as it stands in did_arm
capture program drop did_fit
program define did_fit
    syntax varlist(numeric fv) [, level(cilevel)]
    capture drop did_received*
    tempvar did_name
    decode did_arm, generate(`did_name')
    rename `did_name' did_name
{treatments}    drop did_name
    gettoken outcome controls : varlist
    regress `outcome' {received} `controls' [pweight = did_weight], ///
        vce(cluster did_cluster) level(`level')
end
"""

TRIAL_OUTCOME = """
* ---- {outcome}
preserve
* the respondent's own baseline answer; zero with an indicator of it where there is none
generate double did_before = {outcome} if {round} != "{endline}" & {respondent} != ""
bysort {respondent}: egen double did_lag = max(did_before)
replace did_lag = . if {respondent} == ""
keep if {round} == "{endline}" & !missing({known})
{scaled}generate byte did_unknown = missing(did_lag)
replace did_lag = 0 if did_unknown
* CV1; the variance here is multiplied by (N-1)/(N-K) too, that of the package is not
did_fit {outcome} did_lag did_unknown `controls', level({level})
* arms permuted between clusters within strata; the statistic is studentised
ritest did_arm abs(_b[did_received0]/_se[did_received0]), reps({draws}) seed(1) ///
    cluster(did_cluster) strata(did_stratum) right: ///
    did_fit {outcome} did_lag did_unknown `controls'
restore
"""


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
        body = replication_r_did.BODY
    else:
        settings |= {
            "respondent_column": _quoted(study.columns.respondent),
            "effects": _vector(specification.effects),
            "stratum_column": _quoted(plan.inference.permutation_strata),
            "draws": str(plan.inference.permutations),
        }
        body = replication_r_trial.BODY
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
