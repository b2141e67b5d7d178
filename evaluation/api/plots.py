"""A figure of estimates and their intervals."""

import textwrap
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes

# Titles are data and hold no formulas: two peso signs on a line are text.
STYLE: dict[Any, Any] = {
    "text.parse_math": False,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "font.size": 9.0,
}
HEIGHT, WIDTH, LINE = 0.45, 6.4, 80


def intervals(
    table: pd.DataFrame, plotted: Sequence[str], *, title: str, ax: Axes | None = None
) -> Axes:
    """Rows of a table as points with intervals, the first on top.

    Parameters
    ----------
    table : DataFrame
    plotted : sequence of str
        Columns: those of the labels, then value (empty for none), lower and upper end.
    title : str
    ax : Axes, optional
        A new figure without.
    """
    *named, value, low, high = plotted
    shown = table.dropna(subset=[value or low])
    with plt.rc_context(STYLE):
        if ax is None:
            height = 1.2 + HEIGHT * max(len(shown), 1)
            _, ax = plt.subplots(figsize=(WIDTH, height), layout="constrained")
        places = np.arange(len(shown))[::-1]
        ends = shown[[low, high]].to_numpy(dtype=np.float64)
        middle = shown[value].to_numpy(dtype=np.float64) if value else ends.mean(axis=1)
        reach = np.where(np.isfinite(ends), np.abs(ends - middle[:, None]), 0.0)
        ax.errorbar(
            middle, places, xerr=reach.T, fmt="o" if value else "none", color="#1b4965", capsize=3
        )
        ax.axvline(0.0, color="#666666", linewidth=0.8)
        ax.set_yticks(places, [" · ".join(map(str, row)) for row in shown[named].to_numpy()])
        ax.set_ylim(-0.6, len(shown) - 0.4)
        ax.set_title(textwrap.fill(title, LINE), loc="left", fontsize=9.0)
    return ax


def curve(table: pd.DataFrame, heads: Sequence[str], *, title: str, ax: Axes | None = None) -> Axes:
    """One column of a table over another.

    Parameters
    ----------
    table : DataFrame
        Two columns.
    heads : sequence of str
        Their names on the axes.
    title : str
    ax : Axes, optional
        A new figure without.
    """
    across, up = (table[name].to_numpy(dtype=np.float64) for name in table)
    with plt.rc_context(STYLE):
        if ax is None:
            _, ax = plt.subplots(figsize=(WIDTH, 0.6 * WIDTH), layout="constrained")
        ax.plot(across, up, color="#1b4965")
        ax.set_xlabel(heads[0])
        ax.set_ylabel(heads[1])
        ax.set_ylim(0.0, 1.0)
        ax.set_title(textwrap.fill(title, LINE), loc="left", fontsize=9.0)
    return ax
