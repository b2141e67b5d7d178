version 17
clear all
set more off
* install once: reghdfe, ftools and boottest, the last in a version with the option jk
use "{panel}", clear
keep if {rounds}
{members}generate double did_post = ({round} == "{endline}")
generate double did_effect = ({treated}) * did_post
{adjusted}{stratum_change}encode {cluster}, generate(did_cluster)
generate double did_weight = {weight}
local controls {controls}
