"""`evaluation.example`: a small invented survey of two rounds, for trying things out."""

from importlib import resources

import pandas as pd

from evaluation.api.given import marked
from evaluation.estimation.parameters import SYNTHETIC


def example() -> pd.DataFrame:
    """An invented survey: 24 villages, two rounds, some people interviewed twice. SYNTHETIC.

    Returns
    -------
    DataFrame
        One row an interview: ``person`` and ``village``; ``treated`` and ``endline``, 0 and 1;
        ``trust``, 0 to 10, of which some answers are missing; ``age``, ``sex`` and ``weight``. The
        programme was given an effect of 0.6 on trust. Results of it carry the mark SYNTHETIC, from
        the column ``synthetic``, which goes along into polars, Arrow and files.

    Examples
    --------
    >>> import evaluation as ev
    >>> ev.example().columns.tolist()
    ['person', 'village', 'treated', 'endline', 'trust', 'age', 'sex', 'weight', 'synthetic']
    """
    with resources.files(__package__).joinpath("example.csv").open(encoding="utf-8") as file:
        frame = pd.read_csv(file, comment="#")
    return marked(frame, SYNTHETIC)
