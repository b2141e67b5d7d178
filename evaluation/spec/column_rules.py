"""What ``[columns]`` of a study may not name: variables that are not there, or not in the frame."""

import dataclasses

from evaluation.errors import SpecError
from evaluation.locale.messages import message
from evaluation.spec import load
from evaluation.spec.dictionary import Dictionary
from evaluation.spec.study import Study

FRAME = "frame"
# what is known of a whole cluster, before anybody is interviewed
OF_CLUSTERS = ("cluster", "arm", "population", "stratum", "cohort", "x_km", "y_km")


def check_design(study: Study, dictionary: Dictionary, *, where: str) -> None:
    """Check that each design column is a variable, and those of clusters one of the frame.

    Parameters
    ----------
    study, dictionary
        Of one study.
    where : str
        The file that ``[columns]`` stands in.

    Raises
    ------
    SpecError
        Names the key, and the variable that was probably meant.
    """
    for key, name in dataclasses.asdict(study.columns).items():
        if name is None:
            continue
        load.known(name, dictionary.variables, what="variable", where=where, key=f"columns.{key}")
        if key in OF_CLUSTERS and FRAME not in dictionary.variables[name].raw:
            raise SpecError(
                message("no-variable-frame.problem", key=key, name=name),
                where=where,
                mend=message("name-one-dictionary.mend"),
            )
