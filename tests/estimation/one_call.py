"""`evaluation.did` by the names that a plan has for its choices, for tests that compare the two."""

import evaluation as ev
from evaluation.estimation.records import Diagnostic

METHODS = ("wcr_s", "cv3", "cr2", "cv1")


def two_rounds(frame, *, steps=METHODS, weights_kind="rademacher", **call):
    found = ev.did(frame, methods=steps, multipliers=weights_kind, **call)
    named = [record for record in found.records if not isinstance(record, Diagnostic)]
    assert found.primary is named[0]
    return found.records
