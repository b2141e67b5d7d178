"""What holds of every error that any test of the statistics raises."""

from collections.abc import Iterator

import pytest

from evaluation.errors import EvaluationError


@pytest.fixture(scope="session", autouse=True)
def every_error_says_what_where_and_how_to_mend_it() -> Iterator[None]:
    """A part left out or empty is a red test wherever the error is raised."""
    begin = EvaluationError.__init__

    def checked(
        self: EvaluationError, problem: str, *, where: str, mend: str, rule: str = ""
    ) -> None:
        assert all(isinstance(part, str) and part for part in (problem, where, mend))
        assert isinstance(rule, str)
        begin(self, problem, where=where, mend=mend, rule=rule)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(EvaluationError, "__init__", checked)
        yield
