"""Figures for tests that look at their words, data or letters: without pictures nobody reads."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal
from unittest import mock

from evaluation.report.figures import frame

EMPTY = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><g/></svg>'


@contextmanager
def only(kind: Literal["svg", "nothing"]) -> Iterator[list[Any]]:
    """Figures are drawn as ever, and written as SVG alone or not at all; yields the canvases."""
    drawn: list[Any] = []
    written = frame.vector

    def vector(canvas: Any) -> str:
        drawn.append(canvas)
        return written(canvas) if kind == "svg" else EMPTY

    with mock.patch.multiple(frame, vector=vector, raster=lambda _: b""):
        yield drawn
