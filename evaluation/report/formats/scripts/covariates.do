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
