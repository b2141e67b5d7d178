"""Makes the invented survey of ``evaluation.example``: ``python -m tools.example``."""

from pathlib import Path

import numpy as np
import pandas as pd

PATH = Path(__file__).parents[1] / "evaluation" / "api" / "example.csv"
VILLAGES, PEOPLE, AGAIN, EFFECT = 24, 14, 9, 0.6


def made() -> pd.DataFrame:
    """The survey; ``EFFECT`` is what trust gains in treated villages."""
    generator = np.random.default_rng(20)
    rows = []
    person = 0
    for village in range(VILLAGES):
        level, drift = generator.normal(0.0, 0.5), generator.normal(0.0, 0.12)
        treated = village % 2
        members = [(person + k, int(generator.integers(18, 80)), bool(generator.integers(2)))
                   for k in range(2 * PEOPLE - AGAIN)]  # fmt: skip
        person += len(members)
        for endline, seen in ((0, members[:PEOPLE]), (1, members[PEOPLE - AGAIN :])):
            for who, age, woman in seen:
                answer = 5.0 + level + endline * (0.1 + drift + EFFECT * treated)
                answer += generator.normal(0.0, 1.1) + 0.01 * (age - 45)
                silent = generator.uniform() < 0.03
                rows.append({
                    "person": who, "village": f"village {village + 1:02d}", "treated": treated,
                    "endline": endline, "trust": np.nan if silent else round(float(answer), 1),
                    "age": age + endline, "sex": "woman" if woman else "man",
                    "weight": round(float(generator.uniform(1.0, 3.0)), 1),
                })  # fmt: skip
    return pd.DataFrame(rows).assign(trust=lambda t: t["trust"].clip(0.0, 10.0))


if __name__ == "__main__":
    head = "# SYNTHETIC: invented people of invented villages\n"
    PATH.write_text(head + made().to_csv(index=False), encoding="utf-8", newline="\n")
