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
