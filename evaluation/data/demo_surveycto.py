"""What a SurveyCTO wide export has around a form's own questions."""

import numpy as np
import pandas as pd

from evaluation.spec.study import SYNTHETIC

Generator = np.random.Generator
TABLET_NOTES = (
    "Entrevista interrumpida por lluvia.\nSe retoma a los 20 minutos.",
    "La persona pidió no grabar el audio",
    "Segunda visita:\nprimera vez no estaba en casa",
)


def columns(generator: Generator, table: pd.DataFrame) -> pd.DataFrame:
    """What a SurveyCTO export has around the form's own questions."""
    n = len(table)
    start = pd.to_datetime(table["starttime"])
    ended = start + pd.to_timedelta(table["duration_min"].astype(float), unit="min")
    sent = ended.dt.normalize() + pd.to_timedelta(generator.integers(68400, 79200, n), unit="s")
    notes = np.full(n, "", dtype=object)
    notes[generator.choice(n, 12, replace=False)] = np.tile(TABLET_NOTES, 4)
    own = keys(generator, n)
    front = pd.DataFrame(
        {
            "SubmissionDate": sent.dt.strftime("%Y-%m-%d %H:%M:%S"),
            "starttime": table["starttime"],
            "endtime": ended.dt.strftime("%Y-%m-%d %H:%M:%S"),
            "deviceid": "tablet-" + table["encuestador"].str[1:],
        },
        index=table.index,
    )
    back = pd.DataFrame(
        {"observaciones": notes, "instanceID": own, "KEY": own, "synthetic": SYNTHETIC},
        index=table.index,
    )
    return pd.concat([front, table.drop(columns="starttime"), back], axis=1)


def keys(generator: Generator, n: int) -> list[str]:
    """Random instance ids, as the survey server gives them."""
    digits = generator.integers(0, 16, (n, 20))
    words = ["".join("0123456789abcdef"[d] for d in row) for row in digits.tolist()]
    return [f"uuid:{w[:8]}-{w[8:12]}-{w[12:16]}-{w[16:]}" for w in words]
