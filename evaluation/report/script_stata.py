"""Body of the Stata do-file of the primary estimates, for one outcome at a time.

Names in braces are filled by `scripts.stata_do`.
"""

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
