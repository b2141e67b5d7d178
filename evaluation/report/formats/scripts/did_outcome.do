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
