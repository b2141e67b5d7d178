version 17
clear all
set more off
* install once: ritest
use "{panel}", clear
keep if {rounds}
{members}encode {cluster}, generate(did_cluster)
encode {arm}, generate(did_arm)
{stratum}
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
