"""Other Python packages on the same survey, each called as its documentation says.

Their small-sample factors are undone where they are not switched off, so that every standard error
here is the one without a factor. Each package is imported inside its own task: a measurement of one
does not pay for another.
"""
# ruff: noqa: PLC0415

import os
from collections.abc import Callable

import numpy as np
import pandas as pd

from tools.bench import survey, yardstick

Call = Callable[[], dict[str, float]]
SEED = 3
G = survey.CLUSTERS
CLUSTER = {"CRV1": "municipality"}


def _formula(table: pd.DataFrame) -> str:
    covariates = [name for name in table.columns if name.startswith("x")]
    outcomes = [name for name in table.columns if name.startswith("y")]
    return f"{' + '.join(outcomes)} ~ {' + '.join(['did', *covariates])} | municipality + post"


def _coded(table: pd.DataFrame) -> pd.DataFrame:
    """With numbers for municipalities, because the wild bootstrap there takes no text."""
    return table.assign(code=pd.factorize(table["municipality"])[0])


def _no_factor():
    import pyfixest as pf

    return pf.ssc(k_adj=False, G_adj=False)


# ---- Many periods --------------------------------------------------------------------------------


def csdid_att(table: pd.DataFrame) -> Call:
    return _csdid(table, {}, errors=True)


def csdid_band(table: pd.DataFrame, draws: int) -> Call:
    return _csdid(table, {"biters": draws, "cband": True}, errors=False)


def _csdid(table: pd.DataFrame, more: dict, *, errors: bool) -> Call:
    from csdid.att_gt import ATTgt

    names = {"yname": "y", "tname": "time", "idname": "unit", "gname": "first"}

    def call():
        made = ATTgt(**names, data=table, control_group="nevertreated", **more)
        found = made.fit(est_method="reg", bstrap=not errors).results
        cells = zip(found["group"], found["year"], found["att"], found["se"], strict=True)
        return _cells([(g, t, att, se) for g, t, att, se in cells], errors=errors)

    return call


def diff_diff_att(table: pd.DataFrame) -> Call:
    return _diff_diff(table, 0)


def diff_diff_band(table: pd.DataFrame, draws: int) -> Call:
    return _diff_diff(table, draws)


def _diff_diff(table: pd.DataFrame, draws: int) -> Call:
    from diff_diff import CallawaySantAnna

    names = {"outcome": "y", "unit": "unit", "time": "time", "first_treat": "first"}

    def call():
        made = CallawaySantAnna(n_bootstrap=draws, seed=SEED).fit(table, **names)
        cells = made.group_time_effects.items()
        found = [(g, t, cell["effect"], cell["se"]) for (g, t), cell in cells]
        return _cells(found, errors=draws == 0)

    return call


def _cells(cells: list, *, errors: bool) -> dict[str, float]:
    """Estimates by cohort and period, and their standard errors where these are not drawn."""
    found = {f"att.{int(g)}.{int(t)}": float(att) for g, t, att, _ in cells}
    if errors:
        found |= {f"error.{int(g)}.{int(t)}": float(se) for g, t, _, se in cells}
    return found


# ---- pyfixest ------------------------------------------------------------------------------------


def pyfixest_lean(table: pd.DataFrame) -> Call:
    import pyfixest as pf

    formula, ssc = _formula(table), _no_factor()

    def call():
        fit = pf.feols(formula, table, vcov=CLUSTER, ssc=ssc, lean=True, copy_data=False)
        return {"estimate": float(fit.coef()["did"]), "cr0": float(fit.se()["did"])}

    return call


def pyfixest_default(table: pd.DataFrame) -> Call:
    import pyfixest as pf

    formula, ssc = _formula(table), _no_factor()

    def call():
        fit = pf.feols(formula, table, vcov=CLUSTER, ssc=ssc)
        return {"estimate": float(fit.coef()["did"]), "cr0": float(fit.se()["did"])}

    return call


def pyfixest_many(table: pd.DataFrame) -> Call:
    import pyfixest as pf

    formula, ssc = _formula(table), _no_factor()

    def call():
        fits = pf.feols(formula, table, vcov=CLUSTER, ssc=ssc, lean=True, copy_data=False).to_list()
        found = {}
        for fit in fits:
            found[f"estimate.{fit._depvar}"] = float(fit.coef()["did"])
            found[f"cr0.{fit._depvar}"] = float(fit.se()["did"])
        return found

    return call


def pyfixest_wcr(table: pd.DataFrame, draws: int) -> Call:
    import pyfixest as pf

    fit = pf.feols(_formula(table), _coded(table), vcov={"CRV1": "code"})

    def call():
        found = fit.wildboottest(param="did", cluster="code", reps=draws, seed=SEED, k_adj=False)
        return {"p.wcr": float(found["Pr(>|t|)"])}

    return call


def pyfixest_rwolf(table: pd.DataFrame, draws: int) -> Call:
    import pyfixest as pf

    fits = pf.feols(_formula(table), _coded(table), vcov={"CRV1": "code"})

    def call():
        found = pf.rwolf(fits.to_list(), "did", reps=draws, seed=SEED)
        p = found.loc["RW Pr(>|t|)"].to_numpy()
        return {
            f"p.{fit._depvar}": float(value) for fit, value in zip(fits.to_list(), p, strict=True)
        }

    return call


def _dummies(table: pd.DataFrame) -> pd.DataFrame:
    """Dummies of municipalities, the round and everything else: no absorbed effects."""
    covariates = [name for name in table.columns if name.startswith("x")]
    return pd.concat(
        [
            table[["did", "post", *covariates]],
            pd.get_dummies(table["municipality"], dtype=np.float64).set_axis(
                [f"d{g}" for g in range(G)], axis=1
            ),
        ],
        axis=1,
    )


def pyfixest_cv3(table: pd.DataFrame) -> Call:
    import pyfixest as pf

    x = _dummies(table)
    data = pd.concat([x, table[["y0", "municipality"]]], axis=1)
    formula, ssc = f"y0 ~ -1 + {' + '.join(x.columns)}", _no_factor()

    def call():
        fit = pf.feols(formula, data, vcov={"CRV3": "municipality"}, ssc=ssc)
        return {"cv3": float(fit.se()["did"])}

    return call


def pyfixest_cv3_effects(table: pd.DataFrame) -> Call:
    import pyfixest as pf

    formula, ssc = _formula(table), _no_factor()

    def call():
        fit = pf.feols(formula, table, vcov={"CRV3": "municipality"}, ssc=ssc)
        return {"cv3": float(fit.se()["did"])}

    return call


def pyfixest_power(table: pd.DataFrame, simulations: int, spread: tuple[float, float]) -> Call:
    """The loop that one writes: draw the rows, fit, keep estimate and standard error."""
    import pyfixest as pf

    n = len(table) // (2 * G)
    cell = np.repeat(np.arange(2 * G), n)
    post = (cell % 2).astype(np.float64)
    frame = pd.DataFrame(
        {
            "municipality": cell // 2,
            "post": post,
            "did": (cell // 2 < survey.TREATED) * post,
        }
    )
    ssc, (within, shock) = _no_factor(), spread

    def call():
        rng = np.random.default_rng(yardstick.SEED)
        first: dict[str, float] = {}
        for _ in range(simulations):
            y = within * rng.standard_normal(len(cell))
            y += post * (shock * rng.standard_normal(G))[cell // 2]
            fit = pf.feols(
                "y ~ did | municipality + post",
                frame.assign(y=y),
                vcov=CLUSTER,
                ssc=ssc,
                lean=True,
                copy_data=False,
            )
            found = {"first.estimate": fit.coef()["did"], "first.cr0": fit.se()["did"]}
            first = first or {name: float(value) for name, value in found.items()}
        return first

    return call


# ---- linearmodels, statsmodels, wildboottest, ritest ---------------------------------------------


def absorbing(table: pd.DataFrame) -> Call:
    from linearmodels.iv.absorbing import AbsorbingLS

    covariates = [name for name in table.columns if name.startswith("x")]

    def call():
        absorbed = pd.DataFrame({"m": pd.Categorical(table["municipality"])})
        codes = absorbed["m"].cat.codes.to_numpy()
        model = AbsorbingLS(table["y0"], table[["did", "post", *covariates]], absorb=absorbed)
        fit = model.fit(cov_type="clustered", clusters=codes, debiased=False)
        return {"estimate": float(fit.params["did"]), "cr0": float(fit.std_errors["did"])}

    return call


def ols(table: pd.DataFrame) -> Call:
    from statsmodels.regression.linear_model import OLS

    def call():
        x = _dummies(table)
        groups = pd.factorize(table["municipality"])[0]
        fit = OLS(table["y0"], x).fit(
            cov_type="cluster", cov_kwds={"groups": groups, "use_correction": False}
        )
        return {"estimate": float(fit.params["did"]), "cr0": float(fit.bse["did"])}

    return call


def wildboottest_expert(table: pd.DataFrame, draws: int) -> Call:
    """The columns less their municipality means by hand, which the package does not do."""
    from statsmodels.regression.linear_model import OLS
    from wildboottest.wildboottest import wildboottest

    names = ["did", "post", *(name for name in table.columns if name.startswith("x"))]
    within = table[[*names, "y0"]] - table.groupby("municipality")[[*names, "y0"]].transform("mean")
    model = OLS(within["y0"], within[names])
    codes = pd.Series(pd.factorize(table["municipality"])[0])

    def call():
        found = wildboottest(
            model, B=draws, cluster=codes, param="did", seed=SEED, adj=False, show=False
        )
        return {"p.wcr": float(found["p-value"].iloc[0])}

    return call


def ritest_changes(table: pd.DataFrame, draws: int) -> Call:
    """The coefficient, permuted between municipalities' changes: not studentised."""
    from ritest import ritest

    change, size, treated = yardstick.changes(table)
    data = pd.DataFrame({"change": change, "size": size, "treated": treated.astype(int)})

    def call():
        found = ritest(
            df=data,
            permute_var="treated",
            formula="change ~ treated",
            stat="treated",
            weights="size",
            reps=draws,
            seed=SEED,
            ci_mode="none",
            n_jobs=os.cpu_count(),
        )
        return {"p.ri_coefficient": float(found.pval)}

    return call
