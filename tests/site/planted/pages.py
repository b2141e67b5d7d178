"""Faults that the strict build of the pages sees, and raw HTML that is read in finished ones."""

from tests.site.planted.kinds import OnPage
from tests.tables import cases

CASES = cases(__file__)
ON_PAGES = tuple(OnPage(**case) for case in CASES["page"])
RAW = tuple(OnPage(**case) for case in CASES["raw"])
