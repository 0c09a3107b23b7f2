"""SweepResult -> a picture: the levels against the first swept parameter.

Each level is a line, in one colour for each quantum number; of further swept parameters, each combination
of values has a line style of its own.  A line ends where its state does.  Points that are not certified
and converged are drawn as open circles.
"""

from __future__ import annotations

import math
from os import PathLike
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from qdsl.errors import UsageError
from qdsl.physics.problem import BoundStates
from qdsl.report.files import check_plot_target, write_file
from qdsl.report.notation import printable
from qdsl.report.plot import render, spread
from qdsl.report.style import EDGE, INK, colours, symbol, titled, unit

if TYPE_CHECKING:
    from qdsl.sweeping import SweepResult

STYLES: tuple[Any, ...] = ("-", (0, (5, 2)), (0, (1.5, 1.5)), (0, (6, 2, 1.5, 2)))
"""Line styles of the first few values of the other parameters."""


def draw_sweep(result: SweepResult, path: str | PathLike[str] | None = None) -> Figure:
    """The picture of a sweep; with a path (.png, .svg or .pdf) it is written there, too.

    Raises UsageError when it cannot be, or when there is no point to draw.
    """
    target = None if path is None else check_plot_target(path)
    if not result.points:
        raise UsageError("the sweep has no points to draw")
    figure = Figure(figsize=(7.0, 4.8), dpi=200, layout="constrained")
    axes = figure.add_subplot()
    families = _families(result)
    for style, rows in enumerate(families.values()):
        _lines(axes, result, rows, STYLES[style % len(STYLES)])
        _continuum(axes, result, rows)
    _doubts(axes, result)
    _labels(axes, result, next(iter(families.values())))
    _frame(axes, result)
    _legend(figure, families)
    if target is not None:
        write_file(target, render(figure, target.suffix.lower().removeprefix(".")))
    return figure


def _families(result: SweepResult) -> dict[str, list[int]]:
    """The points that share the values of all parameters but the first, by what those values are."""
    families: dict[str, list[int]] = {}
    units = {parameter.symbol.name: parameter.unit for parameter in result.problem.parameters}
    for row, point in enumerate(result.points):
        others = ", ".join(
            f"{symbol(name)} = {point.values[name]:.6g} {units[name]}".rstrip() for name in result.names[1:]
        )
        families.setdefault(others, []).append(row)
    x = result.values(result.names[0])
    return {label: sorted(rows, key=lambda row: float(x[row])) for label, rows in families.items()}


def _lines(axes: Axes, result: SweepResult, rows: list[int], style: Any) -> None:
    x, energies = result.values(result.names[0])[rows], result.energies[rows]
    several = len(rows) > 1
    for column, colour in enumerate(colours(len(result.numbers))):
        known = np.isfinite(energies[:, column])
        # A state that exists at a single point between two gaps would be a line without length.
        before, after = np.append(False, known[:-1]), np.append(known[1:], False)
        alone = known & ~before & ~after
        axes.plot(
            x,
            energies[:, column],
            color=colour,
            linewidth=1.5,
            linestyle=style if several else "",
            marker="o",
            markersize=3,
            markevery=None if not several or len(rows) <= 40 else np.flatnonzero(alone).tolist(),
            clip_on=False,  # the first and the last marker are whole
            gid=f"E{result.numbers[column]}",
        )


def _continuum(axes: Axes, result: SweepResult, rows: list[int]) -> None:
    """Where the continuum begins, into which levels vanish, if bound states were searched for."""
    if not isinstance(result.problem.search, BoundStates):
        return
    solutions = [result.points[row].solution for row in rows]
    counts = [None if solution is None else solution.count for solution in solutions]
    limits = [math.nan if count is None else count.limit for count in counts]
    axes.plot(
        result.values(result.names[0])[rows],
        limits,
        color=INK,
        linewidth=0.9,
        linestyle=EDGE,
        marker="" if len(rows) > 1 else "_",
        gid="continuum",
    )


def _doubts(axes: Axes, result: SweepResult) -> None:
    """Open circles where a level may not be believed as it stands; crosses where nothing was found."""
    x = result.values(result.names[0])
    palette = colours(len(result.numbers))
    for row, point in enumerate(result.points):
        solution = point.solution
        if solution is None:
            axes.plot(
                [x[row]],
                [0.0],
                "x",
                color=INK,
                transform=axes.get_xaxis_transform(),
                clip_on=False,
                gid="error",
            )
            continue
        good = solution.certificate.certified & solution.certificate.converged
        for i, n in enumerate(solution.states.numbers):
            if not good[i]:
                axes.plot(
                    [x[row]],
                    [solution.energies[i]],
                    "o",
                    markersize=7,
                    markerfacecolor="none",
                    color=palette[result.numbers.index(n)],
                    gid="doubt",
                )


def _labels(axes: Axes, result: SweepResult, rows: list[int]) -> None:
    """`n = 0` at the right end of each line, as long as there are few; a line that ends early has its own."""
    x, energies = result.values(result.names[0])[rows], result.energies[rows]
    bottom, top = axes.get_ylim()
    ends = []
    for column, n in enumerate(result.numbers):
        known = np.flatnonzero(np.isfinite(energies[:, column]))
        if known.size:
            ends.append((float(energies[known[-1], column]), float(x[known[-1]]), n, column))
    if not ends or len(ends) > 16:
        return
    last = float(np.max(x))
    palette = colours(len(result.numbers))
    right = sorted(end for end in ends if end[1] == last)
    levels = [(energy - bottom) / (top - bottom) for energy, *_ in right]
    for (_, _, n, column), level, place in zip(right, levels, spread(levels, 0.045), strict=True):
        axes.plot(
            [1.0, 1.015, 1.025],
            [level, place, place],
            transform=axes.transAxes,
            clip_on=False,
            color=palette[column],
            linewidth=1.0,
        )
        axes.text(1.035, place, f"$n={n}$", transform=axes.transAxes, va="center", fontsize=9, color=INK)
    for energy, at, n, _ in ends:
        if at != last:
            axes.annotate(
                f"$n={n}$", (at, energy), xytext=(4, 2), textcoords="offset points", fontsize=9, color=INK
            )


def _frame(axes: Axes, result: SweepResult) -> None:
    problem = result.problem
    x = result.values(result.names[0])
    x = x[np.isfinite(x)]
    if x.size and np.ptp(x) > 0:
        axes.set_xlim(float(x.min()), float(x.max()))
    axes.set_ylim(*axes.get_ylim())
    swept = next(p for p in problem.parameters if p.symbol.name == result.names[0])
    name = symbol(swept.symbol.name) + (unit(swept.unit) if swept.unit else "")
    axes.set_xlabel(f"{printable(swept.doc)}, {name}" if swept.doc else name, parse_math=True)
    axes.set_ylabel(f"energy{unit(problem.units.energy)}")
    if problem.title:
        axes.set_title(titled(problem.title), parse_math=False, fontsize=11, pad=10)
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(labelsize=9)


def _legend(figure: Figure, families: dict[str, list[int]]) -> None:
    handles = []
    if len(families) > 1:
        shown = list(families)[: len(STYLES)]
        handles += [
            Line2D([], [], color=INK, linewidth=1.5, linestyle=STYLES[i], label=printable(label))
            for i, label in enumerate(shown)
        ]
        if len(families) > len(STYLES):
            handles.append(Line2D([], [], linestyle="", label=f"… ({len(families)} in all)"))
    drawn = {line.get_gid() for line in figure.axes[0].lines}
    if "doubt" in drawn:
        handles.append(
            Line2D(
                [],
                [],
                linestyle="",
                marker="o",
                markersize=7,
                markerfacecolor="none",
                color=INK,
                label="not certified or not converged",
            )
        )
    if "continuum" in drawn:
        handles.append(Line2D([], [], color=INK, linewidth=0.9, linestyle=EDGE, label="above: continuum"))
    if "error" in drawn:
        handles.append(Line2D([], [], linestyle="", marker="x", color=INK, label="no result"))
    if handles:
        figure.legend(
            handles=handles, loc="outside lower center", ncols=min(len(handles), 4), frameon=False, fontsize=9
        )
