bysort did_cluster did_post: egen double did_total = total(did_weight)
replace did_weight = did_weight / did_total{population}
drop did_total
