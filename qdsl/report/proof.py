"""Why the certificate of a solution holds, in a paragraph for a reader who wants to check it."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from qdsl.physics.quantities import Element, Probability, PsiAt
from qdsl.report.numbers import magnitude
from qdsl.report.words import with_unit
from qdsl.verify.deviation import distances
from qdsl.verify.levels import Evidence, Pole, Run

if TYPE_CHECKING:
    from qdsl.solution import Solution

WIDTH = 100

_COUNTED = {
    Evidence.PROVEN: "proven by counting in problems with constant coefficients that enclose this one",
    Evidence.HILL: "as Hill's discriminant counts",
    Evidence.COUNTED: "as the reference solver counts, which proves nothing by itself",
}


def certificate_text(solution: Solution) -> str:
    """The argument behind every bound and every quantum number, in energies of the problem's unit."""
    sentences = [sentence for run in solution.certificate.runs for sentence in _run(solution, run)]
    sentences += _residuals(solution)
    sentences += _quantities(solution)
    sentences += _reference(solution)
    if solution.certificate.message:
        sentences.append(f"What does not hold: {solution.certificate.message}.")
    return "\n".join(textwrap.wrap(" ".join(sentences), WIDTH))


def _run(solution: Solution, run: Run) -> list[str]:
    """How the levels of one run are enclosed."""
    every, numbers = range(run.first, run.last + 1), solution.states.numbers
    own = [n for n in every if n in numbers]
    if not own:
        return []
    if not (np.isfinite(run.lower).all() and np.isfinite(run.upper).all()):
        return [f"{_states(run)} could not be enclosed with {_their(run)} number{_s(run)}."]
    bounds = [solution.certificate.bounds[numbers.index(n)] for n in own]
    text = [f"No more than {_levels(run.above)} below {_pole(solution, run.above)}."]
    if run.below is None:
        upper = "Rayleigh-Ritz values of their psi lie above the levels"
    else:
        text.append(f"At least {_levels(run.below)} below {_pole(solution, run.below)}.")
        upper = "with the lower of these energies Lehmann's theorem bounds the levels from above"
    which = "the upper one" if run.below else "this energy"
    others = [n for n in every if n not in numbers]
    company = (
        f"; they lie so close that state{'s' * (len(others) > 1)} {_listed(others)} had to be solved for too"
        if others
        else ""
    )
    one, worst = len(own) == 1, with_unit(solution.problem, magnitude(max(bounds)))
    text.append(
        f"{_states(run)}: {upper}, and with {which} Lehmann's theorem bounds them from below, by the squared "
        f"residual over the distance{company}; so level{'s' * (not one)} {_listed(own)} lie{'s' * one} "
        f"within {worst} of {'this energy' if one else 'these energies'}."
    )
    return text


def _residuals(solution: Solution) -> list[str]:
    certificate = solution.certificate
    if not len(certificate.residuals) or not np.isfinite(certificate.residuals).all():
        return []
    worst = with_unit(solution.problem, magnitude(float(certificate.residuals.max())))
    text = [
        f"The residual norms ||(H - E) psi|| are {worst} at most, integrated on a finer rule than the one "
        "that produced psi; differences of quadratures, breaks of psi between its pieces and rounding are "
        "added to the bounds."
    ]
    if not certificate.runs:
        text.append("Each bound is that norm: some level lies as close, whichever number it has.")
    return text


def _quantities(solution: Solution) -> list[str]:
    """Where the bounds of reported quantities come from."""
    if all(bound is None for bound in solution.report_bounds.values()):
        return []
    text = ["Bounds of reported quantities rest on the enclosed levels, combined by interval arithmetic."]
    sine = distances(solution.states, solution.certificate).sine
    kinds = PsiAt, Element, Probability
    if np.isfinite(sine).any() and any(q.expression.has(*kinds) for q in solution.problem.report):
        worst = magnitude(float(sine[np.isfinite(sine)].max()))
        text.append(
            f"The sine of the angle between psi and the exact eigenfunction is {worst} at most, the residual "
            "over the distance to the other levels (Davis and Kahan); a mean of f is off by no more than "
            "twice that times the spread of f in psi, to first order."
        )
    unknown = sum(bound is None for bound in solution.report_bounds.values())
    if unknown:
        text.append(f"For {unknown} of the quantities no bound is known.")
    return text


def _reference(solution: Solution) -> list[str]:
    differences = np.abs(solution.certificate.differences)
    if not len(differences) or not np.isfinite(differences).all():
        return []
    worst = with_unit(solution.problem, magnitude(float(differences.max())))
    return [f"An independent solver (Legendre spectral elements, no network) differs by {worst} at most."]


def _pole(solution: Solution, pole: Pole) -> str:
    return f"E = {with_unit(solution.problem, f'{pole.energy:.6g}')}, {_COUNTED[pole.evidence]}"


def _levels(pole: Pole) -> str:
    return f"{pole.below} level lies" if pole.below == 1 else f"{pole.below} levels lie"


def _states(run: Run) -> str:
    return f"State {_numbers(run)}" if run.first == run.last else f"States {_numbers(run)}"


def _numbers(run: Run) -> str:
    return _listed(range(run.first, run.last + 1))


def _listed(numbers: Sequence[int]) -> str:
    """`1`, `1 to 4` or `1, 3`."""
    first, last = numbers[0], numbers[-1]
    if len(numbers) > 1 and last - first == len(numbers) - 1:
        return f"{first} to {last}"
    return ", ".join(map(str, numbers))


def _their(run: Run) -> str:
    return "its" if run.first == run.last else "their"


def _s(run: Run) -> str:
    return "s" * (run.first != run.last)
