"""The same fits by linearmodels and statsmodels: two independent implementations must agree.

Every fit of a primary or replicated specification goes through `check` in the run that reports
it. Only this room and `multiplicity` import those libraries.
"""

import numpy as np
import pandas as pd
from linearmodels.iv.absorbing import AbsorbingLS
from statsmodels.regression.linear_model import WLS

from evaluation.errors import EstimationError
from evaluation.estimation.regression.design import Design
from evaluation.estimation.regression.fit import Fit, cv1
from evaluation.locale.messages import message

# Both solve the same normal equations in double precision; on survey data they differ by about
# 1e-12 of a standard error. A wrong row, weight or column moves the estimate by far more.
ESTIMATE_TOLERANCE = 1e-9
STD_ERROR_TOLERANCE = 1e-8


def check(design: Design, fit: Fit, *, where: str) -> None:
    """Refit a design and compare.

    Parameters
    ----------
    design : Design
    fit : Fit
        The engine's fit of that design.
    where : str
        Names the estimate in the message.

    Raises
    ------
    EstimationError
        The estimates differ by more than 1e-9 standard errors, or the CV1 standard errors by more
        than 1e-8 of their size; both numbers are named.
    """
    ours = cv1(fit, design.column)
    estimate, unscaled = clustered(design)
    std_error = unscaled * float(np.sqrt(fit.n_clusters / (fit.n_clusters - 1)))
    for name, own, other, allowed in (
        ("estimate", ours.estimate, estimate, ESTIMATE_TOLERANCE * ours.std_error),
        ("cv1", ours.std_error, std_error, STD_ERROR_TOLERANCE * ours.std_error),
    ):
        if not abs(own - other) <= allowed:
            raise EstimationError(
                message(f"reference-fit-{name}.problem", own=repr(own), other=repr(other)),
                where=where,
                fix=message("reference-fit.fix"),
                rule="reference-fit",
            )


def clustered(design: Design) -> tuple[float, float]:
    """Estimate and cluster-robust standard error without small-sample factor (CR0).

    Parameters
    ----------
    design : Design
        With absorbed effects it goes to linearmodels' AbsorbingLS, without to statsmodels' WLS.
    """
    codes, _ = pd.factorize(design.cluster, sort=True)
    position = design.columns.index(design.column)
    if design.absorb == "none":
        fitted = WLS(design.y, design.X, weights=design.weights).fit(
            cov_type="cluster", cov_kwds={"groups": codes, "use_correction": False}
        )
        return float(fitted.params[position]), float(fitted.bse[position])
    names = [f"x{j}" for j in range(len(design.columns))]
    absorbed = AbsorbingLS(
        pd.Series(design.y, name="y"),
        pd.DataFrame(design.X, columns=names),
        absorb=pd.DataFrame({"cluster": pd.Categorical(codes)}),
        weights=pd.Series(design.weights),
    ).fit(cov_type="clustered", clusters=pd.Series(codes), debiased=False)
    name = names[position]
    return float(absorbed.params[name]), float(absorbed.std_errors[name])
