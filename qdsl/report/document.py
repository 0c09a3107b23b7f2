"""Solution -> the JSON document of `qdsl solve --json`, as a dictionary of plain Python values.

The document is strict JSON: what is not a finite number (a bound that does not exist, an infinite end)
is None, never NaN or Infinity.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from qdsl import __version__
from qdsl.errors import Diagnostic, Span

if TYPE_CHECKING:  # `check` writes diagnostics, and must not wait for torch
    from qdsl.reading import Reading
    from qdsl.solution import Solution
    from qdsl.sweeping import SweepPoint, SweepResult

Document: TypeAlias = dict[str, Any]


def solution_document(solution: Solution, reading: Reading | None = None) -> Document:
    """Everything that was found out, with its evidence; `reading` is the file that stated the problem."""
    from qdsl.report.words import cut_text  # here, for `check` must not wait for scipy either

    problem = solution.problem
    training = problem.training
    return {
        "qdsl": __version__,
        "title": problem.title,
        "source": _source(reading),
        "parameters": {symbol.name: _number(value) for symbol, value in problem.values.items()},
        "units": {"energy": problem.units.energy, "length": problem.units.length},
        "method": method_text(solution),
        "tolerance": _number(training.goal),
        "seed": training.seed,
        "box": _numbers(solution.box),
        "cut": " ".join(cut_text(solution)) or None,
        "count": _count(solution),
        "status": solution.status,
        "converged": solution.converged,
        "message": solution.message,
        "states": _states(solution),
        "report": {label: _number(value) for label, value in solution.report.items()},
        "report_bounds": {label: _number(solution.report_bounds.get(label)) for label in solution.report},
        "report_units": {quantity.text: quantity.unit for quantity in problem.report},
        "expect": [
            {
                "text": outcome.text,
                "value": _number(outcome.value),
                "expected": _number(outcome.expected),
                "tolerance": _number(outcome.tolerance),
                "passed": bool(outcome.passed),
            }
            for outcome in solution.expect
        ],
        "seconds": _terms(solution.seconds),
    }


def sweep_document(result: SweepResult, reading: Reading | None = None) -> Document:
    """One entry a point, each with what `solution_document` says of it, or with the errors there."""
    problem = result.problem
    return {
        "qdsl": __version__,
        "title": problem.title,
        "source": _source(reading),
        "units": {"energy": problem.units.energy, "length": problem.units.length},
        "sweep": list(result.names),
        "complete": result.complete,
        "holds": result.holds,
        "points": [_point(point) for point in result.points],
    }


def _point(point: SweepPoint) -> Document:
    head: Document = {"values": _terms(point.values), "holds": point.holds}
    if point.solution is None:
        errors = point.error.diagnostics if point.error else ()
        return {**head, "errors": [_diagnostic(diagnostic) for diagnostic in errors]}
    common = {"qdsl", "title", "source", "units"}
    found = solution_document(point.solution)
    return {**head, "errors": [], **{key: value for key, value in found.items() if key not in common}}


def diagnostics_document(diagnostics: Iterable[Diagnostic]) -> Document:
    """Mistakes, as an editor or a script wants them; places are None where there is no place to show."""
    return {"diagnostics": [_diagnostic(diagnostic) for diagnostic in diagnostics]}


def method_text(solution: Solution) -> str:
    """The methods in the order in which they ran: `ritz then lm`."""
    return " then ".join(method.name for method in solution.problem.training.method)


def _count(solution: Solution) -> Document | None:
    """What a search found; None where the states were asked for by number."""
    from qdsl.report.words import count_text

    count = solution.count
    if count is None:
        return None
    return {
        "number": count.number,
        "possible": count.possible,
        "limit": _number(count.limit),
        "within": _number(count.within),
        "certified": count.certified,
        "text": count_text(solution),
    }


def _states(solution: Solution) -> list[Document]:
    states, certificate, reference = solution.states, solution.certificate, solution.reference
    losses = states.losses()
    return [
        {
            "n": int(n),
            "energy": _number(states.energies[i]),
            "bound": _number(certificate.bounds[i]),
            "certified": bool(certificate.certified[i]),
            "converged": bool(certificate.converged[i]),
            "index": certificate.index[i].value,
            "nodes": int(certificate.nodes[i]) if certificate.nodes[i] >= 0 else None,
            "reference": _number(reference.energies[i]),
            "residual": _number(certificate.residuals[i]),
            "loss": _terms(losses[i]),
        }
        for i, n in enumerate(states.numbers)
    ]


def _diagnostic(diagnostic: Diagnostic) -> Document:
    return {
        **_place(diagnostic.span),
        "severity": diagnostic.severity,
        "message": diagnostic.message,
        "hint": diagnostic.hint,
        "notes": [{**_place(span), "message": message} for message, span in diagnostic.notes],
    }


def _place(span: Span | None) -> Document:
    """Lines and columns count from 1, offsets (characters of the text with Unix line ends) from 0."""
    return {
        "file": span.source.name if span else None,
        "line": span.line if span else None,
        "column": span.column if span else None,
        "end_line": span.end_line if span else None,
        "end_column": span.end_column if span else None,
        "start": span.start if span else None,
        "end": span.end if span else None,
    }


def _source(reading: Reading | None) -> Document | None:
    """None for a problem that was built in Python."""
    return None if reading is None else {"file": reading.source.name, "sha256": reading.sha256}


def _number(value: Any) -> float | None:
    """A finite float, or None; numpy and sympy numbers become Python's."""
    if value is None:
        return None
    number = float(value)
    return number if math.isfinite(number) else None


def _numbers(values: Iterable[Any]) -> list[float | None]:
    return [_number(value) for value in values]


def _terms(values: Mapping[str, Any]) -> dict[str, float | None]:
    return {name: _number(value) for name, value in values.items()}
