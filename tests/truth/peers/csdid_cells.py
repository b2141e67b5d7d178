"""Run csdid on the rows of `calculations.anticipation`, and write its cells.

``python -m tests.truth.peers.csdid_cells`` writes tests/fixtures/python/csdid_cells.json, on a
machine that has csdid; a nightly test runs `values` there and compares.
"""

import importlib.metadata
import json
import warnings
from pathlib import Path

from tests.truth.calculations import anticipation

FILE = Path(__file__).resolve().parents[2] / "fixtures" / "python" / "csdid_cells.json"
GROUPS = {"never": "nevertreated", "not_yet": "notyettreated"}
MODELS = {"regression": "reg", "weighting": "ipw", "doubly_robust": "dr"}


def values() -> dict[str, float]:
    """ATT(g, t) of csdid in treated periods, universal base."""
    from csdid.att_gt import ATTgt  # noqa: PLC0415 -- csdid is no dependency of the package

    found: dict[str, float] = {}
    for key, comparison, periods, model in anticipation.calls():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            made = ATTgt(
                yname="y",
                tname="time",
                idname="unit",
                gname="first",
                data=anticipation.rows(),
                control_group=GROUPS[comparison],
                xformla="y ~ 1" if model is None else "y ~ x",
                anticipation=periods,
            ).fit(est_method=MODELS.get(model or "", "dr"), base_period="universal", bstrap=False)
        table = made.summ_attgt(n=15).summary2
        for row in table.itertuples():
            if row.Time >= row.Group:
                found[f"{key}.{int(row.Group)}.{int(row.Time)}"] = float(row[3])
    return found


def main() -> None:
    """Write the file."""
    versions = {name: importlib.metadata.version(name) for name in ("csdid", "drdid")}
    what = "Callaway and Sant'Anna with anticipation: effects by cohort and period"
    text = json.dumps({"what": what, "versions": versions, "values": values()}, indent=2)
    FILE.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
