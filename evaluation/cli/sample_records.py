"""Where the records of the sample lie, and which of them the exhibits of a study show."""

from pathlib import Path
from typing import Any

from evaluation import io
from evaluation.spec.contacts import DispositionCount, ResponseRate
from evaluation.spec.exhibits import Registry
from evaluation.spec.fieldwork import BackcheckShare, FoundAgain
from evaluation.spec.weighting import WeightCheck

RATES, WEIGHTS = "response_rates.csv", "weight_checks.csv"
# In the private folder: whole counts, which the exhibits show by the disclosure rule.
DISPOSITIONS, AGAIN = "dispositions.csv", "found_again.csv"
BACKCHECKS = "backcheck_shares.csv"
PRIVATE = "private"
# By builder: name among the records of the exhibits, file under the study's build, class.
SHOWN: dict[str, dict[str, tuple[str, type[Any]]]] = {
    "response": {
        "dispositions": (f"{PRIVATE}/{DISPOSITIONS}", DispositionCount),
        "response": (RATES, ResponseRate),
    },
    "weights": {"weight_checks": (WEIGHTS, WeightCheck)},
    "attrition_map": {"again": (f"{PRIVATE}/{AGAIN}", FoundAgain)},
    "backcheck": {"backcheck": (f"{PRIVATE}/{BACKCHECKS}", BackcheckShare)},
}


def read_sampled(build: Path, registry: Registry) -> dict[str, Any]:
    """Records of the sample, by their name among the exhibits' records, that exhibits show.

    Raises
    ------
    StorageError
        The file of a listed exhibit is missing or from another version.
    """
    listed = {exhibit.builder for exhibit in registry.exhibit}
    return {
        name: io.read_records(build / path, kind)
        for builder, files in SHOWN.items()
        if builder in listed
        for name, (path, kind) in files.items()
    }
