"""What holds of every error and every record of the engine holds of a study's analysis too."""

from tests.estimation.conftest import (
    every_error_says_what_where_and_how_to_mend_it,
    every_record_holds_what_its_fields_say,
)

__all__ = [
    "every_error_says_what_where_and_how_to_mend_it",
    "every_record_holds_what_its_fields_say",
]
