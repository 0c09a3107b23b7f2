"""What each kind of line, shade and arrow in a picture of states means."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from matplotlib.artist import Artist
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from qdsl.physics.problem import Problem
from qdsl.report.interfaces import has_weight
from qdsl.report.style import DASHES, EDGE, INK, JUMP, PALETTE, SHADE, WALL, symbol
from qdsl.report.view import View

if TYPE_CHECKING:
    from qdsl.solution import Solution


def legend(figure: Figure, view: View, solution: Solution) -> None:
    """Below the picture, one entry for each kind of thing that is in it."""
    problem = solution.problem
    x = symbol(problem.coordinate.name)
    name, curve = _potential_names(problem)
    handles: list[Artist] = [
        Line2D([], [], color="black", linewidth=1.3, label=curve),
        *_state_handles(view, x),
        Patch(facecolor=SHADE, label=f"below {name}: classically forbidden"),
    ]
    if view.walls:
        wall = Patch(facecolor=SHADE, edgecolor=WALL, hatch="////", linewidth=0, label=r"wall, $\psi=0$")
        handles.append(wall)
    if view.arrows:
        energy, length = problem.units.energy, problem.units.length
        strength = "" if energy == "1" else f", strength in {energy} {length}"
        label = f"point interaction{strength}"
        handles.append(
            Line2D([], [], linestyle="", marker="$\u2195$", markersize=9, color="black", label=label)
        )
    if view.jumps:
        what = "$p$" if has_weight(problem) else "mass"
        handles.append(Line2D([], [], color=WALL, linewidth=0.9, linestyle=JUMP, label=f"{what} jumps"))
    if view.continuum is not None:
        label = "above: continuum"
        handles.append(Line2D([], [], color=INK, linewidth=0.9, linestyle=EDGE, label=label))
    columns = len(handles) if len(handles) <= 4 else math.ceil(len(handles) / 2)
    figure.legend(handles=handles, loc="outside lower center", ncols=columns, frameon=False, fontsize=9)


def _state_handles(view: View, x: str) -> list[Artist]:
    colour = PALETTE[0]
    if not view.energies.size:
        return []
    if not view.is_complex:
        return [Line2D([], [], color=colour, linewidth=1.6, label=rf"$\psi_n$({x}), raised to $E_n$")]
    return [
        Line2D([], [], color=colour, linewidth=1.6, label=rf"Re $\psi_n$({x}), raised to $E_n$"),
        Line2D([], [], color=colour, linewidth=1.3, linestyle=DASHES[1], label=rf"Im $\psi_n$({x})"),
        Patch(facecolor=colour, alpha=0.13, label=r"$\pm|\psi_n|$"),
    ]


def _potential_names(problem: Problem) -> tuple[str, str]:
    """What the black line is called in prose, and as a function: V and V(x), or q/w and q(x)/w(x)."""
    x, name = symbol(problem.coordinate.name), symbol(problem.potential_name)
    if has_weight(problem):
        return f"{name}/$w$", f"{name}({x})/$w$({x})"
    return name, f"{name}({x})"
