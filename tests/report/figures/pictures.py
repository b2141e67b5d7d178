"""Figures for tests that look at their words, data or letters: without files that nobody reads."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal
from unittest import mock

from evaluation.report.figures import frame


@contextmanager
def only(kind: Literal["svg", "nothing"]) -> Iterator[list[Any]]:
    """Figures are drawn as ever, and written as SVG alone or not at all; yields the canvases."""
    drawn = []

    def pictures(figure: Any, language: str) -> tuple[bytes, bytes]:
        drawn.append(figure)
        svg = io.BytesIO()
        if kind == "svg":
            frame.localise(figure, language)
            figure.savefig(svg, format="svg")
        return svg.getvalue(), b""

    with mock.patch.object(frame, "pictures", pictures):
        yield drawn
