"""Solution -> a picture: every psi_n raised to its energy inside V, as on a blackboard.

The region below the curve of V is shaded.  A wavefunction is drawn at the height of its energy, so where
its base line runs through the shade the particle is classically forbidden, for all states at once.
Of a complex state the real part is solid, the imaginary part dashed, and the shade fills +-|psi|, which
unlike the two parts does not depend on the choice of a phase.

Figures are built through matplotlib's object interface: no pyplot, no current figure, no display.
"""

from __future__ import annotations

import io
import math
import warnings
from collections.abc import Sequence
from itertools import pairwise
from os import PathLike
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from qdsl.report.files import check_plot_target, write_file
from qdsl.report.legend import legend
from qdsl.report.style import DASHES, EDGE, INK, JUMP, SHADE, WALL, Style, colours, symbol, titled, unit
from qdsl.report.view import View, look

if TYPE_CHECKING:
    from qdsl.solution import Solution

MANY, FEW = 12, 8
"""States above which their shades are left out; point interactions up to which each has its strength."""


def draw(solution: Solution, path: str | PathLike[str] | None = None) -> Figure:
    """The picture of a solution; with a path (.png, .svg or .pdf) it is written there, too.

    Raises UsageError when it cannot be.
    """
    target = None if path is None else check_plot_target(path)
    view = look(solution)
    figure = Figure(figsize=(7.0, 4.8), dpi=200, layout="constrained")
    axes = figure.add_subplot()
    _potential(axes, view)
    _marks(axes, view)
    _states(axes, view, solution.states.numbers)
    _labels(axes, view, solution.states.numbers)
    _frame(axes, view, solution)
    legend(figure, view, solution)
    if target is not None:
        write_file(target, render(figure, target.suffix.lower().removeprefix(".")))
    return figure


def render(figure: Figure, suffix: str) -> bytes:
    """The figure as a file of one of the PLOT_FORMATS; the same figure gives the same bytes."""
    undated = {"png": {"Software": "qdsl"}, "svg": {"Date": None}, "pdf": {"CreationDate": None}}
    stream = io.BytesIO()
    with warnings.catch_warnings(), mpl.rc_context({"svg.hashsalt": "qdsl"}):
        # A title in a script that the font lacks is drawn with boxes; that is no reason to alarm anyone.
        warnings.filterwarnings("ignore", message="Glyph")
        figure.savefig(stream, format=suffix, metadata=undated[suffix])
    return stream.getvalue()


def _potential(axes: Axes, view: View) -> None:
    """V as a black line, what lies below it shaded, hard walls hatched."""
    shown = np.clip(np.nan_to_num(view.potential, nan=view.bottom), view.bottom, view.top)
    axes.fill_between(view.x, view.bottom, shown, color=SHADE, linewidth=0, zorder=0)
    line = np.where(np.isfinite(view.potential), view.potential, np.nan)
    # Far outside the window a vector file would hold huge coordinates; a little outside is enough.
    beyond = view.top + (view.top - view.bottom)
    axes.plot(
        view.x, np.clip(line, 2 * view.bottom - view.top, beyond), color="black", linewidth=1.3, gid="V"
    )
    for wall in view.walls:
        outside = view.left if wall == view.x[0] else view.right
        axes.axvspan(
            min(wall, outside), max(wall, outside), facecolor=SHADE, edgecolor=WALL, hatch="////", linewidth=0
        )
        axes.axvline(wall, color="black", linewidth=1.3)


def _marks(axes: Axes, view: View) -> None:
    """What is no curve: point interactions, places where the mass jumps, the edge of the continuum."""
    for at in view.jumps:
        axes.axvline(at, color=WALL, linewidth=0.9, linestyle=JUMP, zorder=0.5, gid="jump")
    if view.continuum is not None:
        axes.axhline(view.continuum, color=INK, linewidth=0.9, linestyle=EDGE, zorder=0.5, gid="continuum")
    for i, arrow in enumerate(view.arrows):
        axes.annotate(
            "",
            xy=(arrow.at, arrow.head),
            xytext=(arrow.at, arrow.tail),
            arrowprops={"arrowstyle": "-|>", "color": "black", "linewidth": 1.3, "shrinkA": 0, "shrinkB": 0},
            gid="delta",
        )
        if len(view.arrows) <= FEW:
            left = _is_crowded(view, i)
            axes.annotate(
                rf"${arrow.strength:.4g}\,\delta$",
                (arrow.at, arrow.head),
                xytext=(-6 if left else 6, -5 if arrow.strength > 0 else 5),
                textcoords="offset points",
                ha="right" if left else "left",
                va="center",
                fontsize=9,
                color=INK,
                gid="strength",
            )


def _is_crowded(view: View, i: int) -> bool:
    """Whether the label of an arrow has more room on its left than on its right."""
    places = [view.left, *(arrow.at for arrow in view.arrows), view.right]
    before, after = places[i + 1] - places[i], places[i + 2] - places[i + 1]
    return after < min(before, 0.12 * (view.right - view.left))


def _states(axes: Axes, view: View, numbers: Sequence[int]) -> None:
    many = len(numbers) > MANY
    palette = colours(len(numbers))
    for i, (energy, raised) in enumerate(zip(view.energies, view.raised, strict=True)):
        colour, width = palette[i], 1.0 if many else 1.6
        allowed = np.isfinite(view.potential) & (view.potential <= energy)
        level = np.full_like(view.x, energy)
        base: dict[str, Any] = {"color": colour, "linewidth": 0.8, "alpha": 0.7}
        axes.plot(view.x, np.where(allowed, level, np.nan), linestyle="-", **base)
        axes.plot(view.x, np.where(allowed, np.nan, level), linestyle=":", **base)
        if view.is_complex:
            low, high = energy - view.envelope[i], energy + view.envelope[i]
            imaginary = view.raised_imaginary[i]
            axes.plot(
                view.x,
                imaginary,
                color=colour,
                linewidth=0.8 * width,
                linestyle=DASHES[1],
                gid=f"im{numbers[i]}",
            )
            style: Style = "-"
        else:
            low, high = level, raised
            style = DASHES[_rank(view, i) % len(DASHES)]
        if not many:  # dozens of shades on top of each other are mud
            axes.fill_between(
                view.x, low, high, color=colour, alpha=0.13, linewidth=0, gid=f"shade{numbers[i]}"
            )
        axes.plot(view.x, raised, color=colour, linewidth=width, linestyle=style, gid=f"psi{numbers[i]}")


def _labels(axes: Axes, view: View, numbers: Sequence[int]) -> None:
    """`n = 0   E = 1.639` at the right of each level, moved apart where levels are close."""
    if not numbers:
        axes.text(0.5, 0.97, view.note, transform=axes.transAxes, ha="center", va="top", color=INK)
        return
    chosen = _choose(len(numbers), most=22)
    span = view.top - view.bottom
    wanted = [(float(view.energies[i]) - view.bottom) / span for i in chosen]
    places = spread(wanted, distance=0.043)
    texts = _energy_texts([float(e) for e in view.energies])
    for i, level, place in zip(chosen, wanted, places, strict=True):
        colour = colours(len(numbers))[i]
        axes.plot(
            [1.0, 1.02, 1.03],
            [level, place, place],
            transform=axes.transAxes,
            clip_on=False,
            color=colour,
            linewidth=1.3,
        )
        axes.text(
            1.04,
            place,
            f"$n={numbers[i]}$   $E={texts[i]}$",
            transform=axes.transAxes,
            va="center",
            fontsize=9,
            color=INK,
        )


def _frame(axes: Axes, view: View, solution: Solution) -> None:
    """Limits, axis labels with units, title."""
    problem = solution.problem
    axes.set_xlim(view.left, view.right)
    axes.set_ylim(view.bottom, view.top)
    axes.set_xlabel(f"{symbol(problem.coordinate.name)}{unit(problem.units.length)}")
    axes.set_ylabel(f"energy{unit(problem.units.energy)}")
    if problem.title:
        axes.set_title(titled(problem.title), parse_math=False, fontsize=11, pad=10)
    axes.ticklabel_format(useMathText=True)
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(labelsize=9)


def spread(places: Sequence[float], distance: float) -> list[float]:
    """Places between 0 and 1, moved as little as need be to lie `distance` apart; their order stays.

    The places are increasing.  Neighbours that are too close form a group, centred where its members
    want to be on average; groups that then touch are joined.
    """
    groups: list[list[float]] = []
    for place in places:
        groups.append([place])
        while len(groups) > 1 and _start(groups[-1], distance) < _end(groups[-2], distance) + distance:
            last = groups.pop()
            groups[-1] += last
    return [_start(group, distance) + k * distance for group in groups for k in range(len(group))]


def _start(group: Sequence[float], distance: float) -> float:
    length = distance * (len(group) - 1)
    return max(0.0, min(sum(group) / len(group) - 0.5 * length, 1.0 - length))


def _end(group: Sequence[float], distance: float) -> float:
    return _start(group, distance) + distance * (len(group) - 1)


def _choose(count: int, most: int) -> list[int]:
    """Which states get a label: all, or evenly chosen ones with the first and the last."""
    if count <= most:
        return list(range(count))
    return sorted({round(k * (count - 1) / (most - 1)) for k in range(most)})


def _rank(view: View, i: int) -> int:
    """How many lower states lie so close that their curves would hide this one.

    Levels that are evenly dense are no such case, so the distance is judged by the typical one, too.
    """
    gaps = np.diff(view.energies)
    close = min(0.012 * (view.top - view.bottom), 0.3 * float(gaps.max(initial=0.0)))
    rank = 0
    while rank < i and gaps[i - rank - 1] < close:
        rank += 1
    return rank


def _energy_texts(energies: Sequence[float]) -> list[str]:
    """Five significant digits of the largest energy, and more where levels would look alike."""
    largest = max(map(abs, energies)) or 1.0
    gaps = [b - a for a, b in pairwise(energies) if b > a]
    step = min([largest * 1e-4, *(gap * 0.1 for gap in gaps)])
    if not 1e-3 <= largest < 1e6:
        return [_power_of_ten(e) for e in energies]
    decimals = min(max(0, math.ceil(-math.log10(max(step, 1e-9 * largest)))), 9)
    return [f"{e:z.{decimals}f}" for e in energies]


def _power_of_ten(energy: float) -> str:
    mantissa, exponent = f"{energy:z.4e}".split("e")
    return rf"{mantissa}\times10^{{{int(exponent)}}}"
