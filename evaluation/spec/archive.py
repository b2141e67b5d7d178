"""What archives ask of a study beside its data: table ``[archive]`` of ``study.toml``."""

from dataclasses import dataclass

from evaluation.spec.load import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """Facts for the study description of an archive. What is not declared is not written.

    Attributes
    ----------
    nation : Text
        Country of the interviews.
    nation_code : str
        Its two letters of ISO 3166-1.
    sampling, weighting : Text, optional
        How respondents were chosen, and how their weights were made.
    ethics : Text, optional
        Who approved the study, and how respondents agreed.
    access : Text, optional
        Who may use the clean data, and under which terms.
    """

    nation: Text
    nation_code: str
    sampling: Text | None = None
    weighting: Text | None = None
    ethics: Text | None = None
    access: Text | None = None
