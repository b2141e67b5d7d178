from evaluation.api.balance import balance
from evaluation.api.bounds import bounds
from evaluation.api.did import did
from evaluation.api.event_study import event_study
from evaluation.api.example import example
from evaluation.api.power import power
from evaluation.api.reading import read
from evaluation.api.regression import ancova, regression

__version__: str
__all__ = [
    "ancova",
    "balance",
    "bounds",
    "did",
    "event_study",
    "example",
    "power",
    "read",
    "regression",
]
