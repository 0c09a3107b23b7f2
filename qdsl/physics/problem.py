"""The quantum problem as mathematics: symbolic, dimensionless, and free of the language.

A `Problem` is the Sturm-Liouville eigenproblem

    -(p psi')' + q psi = E w psi      on left < x < right,

with one condition at each end, or one that ties both, and possibly with point interactions: at c the flux
p psi' jumps by g psi(c), as g delta(x - c) in q makes it.  The Schrödinger equation with kinetic factor c
and mass m (BenDaniel-Duke) has p = c/m, q = V, w = 1.  A Python user may build a `Problem` directly; the
language builds it in `qdsl.meaning.build`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cached_property

import sympy as sp

from qdsl.errors import Diagnostic, Span, UsageError
from qdsl.physics import numeric
from qdsl.physics.training import Training
from qdsl.spelling import did_you_mean


@dataclass(frozen=True)
class Dirichlet:
    """psi = 0 at a finite end.

    At a singular end (see `qdsl.physics.endpoints`) it stands for what holds there by itself: psi behaves
    like the larger indicial power of the distance to the end (the Friedrichs extension).
    """


@dataclass(frozen=True)
class Neumann:
    """psi' = 0 at a finite end."""


@dataclass(frozen=True)
class Robin:
    """psi' = ratio * psi at a finite end; `ratio` is an expression in the parameters, in 1/length."""

    ratio: sp.Expr

    def __post_init__(self) -> None:
        object.__setattr__(self, "ratio", _expression(self.ratio))


@dataclass(frozen=True)
class Decay:
    """psi -> 0 at an infinite end."""


@dataclass(frozen=True)
class Bloch:
    """psi and flux at the right end are exp(i phase) times those at the left end.

    The quasi-momentum k of a cell of length L has the phase k L; phase 0 is `periodic`, phase pi
    antiperiodic.  States are real where exp(i phase) is +1 or -1, complex elsewhere.
    """

    phase: sp.Expr = sp.S.Zero

    def __post_init__(self) -> None:
        object.__setattr__(self, "phase", _expression(self.phase))


EndCondition = Dirichlet | Neumann | Robin | Decay
Boundary = tuple[EndCondition, EndCondition] | Bloch


@dataclass(frozen=True)
class PointInteraction:
    """strength * delta(x - location) in q: the flux p psi' jumps by strength * psi at `location`."""

    location: sp.Expr
    strength: sp.Expr

    def __post_init__(self) -> None:
        for name in ("location", "strength"):
            object.__setattr__(self, name, _expression(getattr(self, name)))


@dataclass(frozen=True)
class BoundStates:
    """Wanted: every state below the continuum."""


@dataclass(frozen=True)
class StatesBelow:
    """Wanted: every state with an energy below `energy`, an expression in the parameters."""

    energy: sp.Expr

    def __post_init__(self) -> None:
        object.__setattr__(self, "energy", _expression(self.energy))


Search = BoundStates | StatesBelow


@dataclass(frozen=True)
class Sweep:
    """The values that a parameter runs through, each an expression in the earlier parameters."""

    parameter: sp.Symbol
    values: tuple[sp.Expr, ...]


@dataclass(frozen=True)
class Parameter:
    """A named number.  `value` may use earlier parameters; `interval` holds the allowed values.

    `closed` tells which ends of the interval are allowed themselves; `unit` is what the value is counted
    in, empty for a pure number, and where it is not known.
    """

    symbol: sp.Symbol
    value: sp.Expr
    interval: tuple[sp.Expr, sp.Expr] | None = None
    doc: str = ""
    closed: tuple[bool, bool] = (True, True)
    unit: str = ""

    def complaint(self, value: float, values: Mapping[sp.Symbol, float]) -> str:
        """What is wrong with a value, given those of the earlier parameters; empty when nothing is."""
        name = self.symbol.name
        if not math.isfinite(value):
            return f"the value of '{name}' is not a finite number"
        if self.interval is None:
            return ""
        low, high = (numeric.number(end, values) for end in self.interval)
        above = low <= value if self.closed[0] else low < value
        below = value <= high if self.closed[1] else value < high
        if above and below:
            return ""
        brackets = "[" if self.closed[0] else "(", "]" if self.closed[1] else ")"
        return f"{name} = {value:.15g} lies outside of {brackets[0]}{low:.15g}, {high:.15g}{brackets[1]}"


@dataclass(frozen=True)
class UnitNames:
    """Labels of the outputs; "1" stands for a pure number."""

    energy: str = "1"
    length: str = "1"


@dataclass(frozen=True)
class Quantity:
    """Something to report: an expression in the heads of `qdsl.physics.quantities`, and its label.

    `unit` is what its value is counted in; empty for pure numbers, and where it is not known.
    """

    expression: sp.Expr
    text: str
    unit: str = ""


@dataclass(frozen=True)
class Expectation:
    """A known answer: |quantity - value| <= tolerance * |value| (absolute where the value is 0)."""

    quantity: Quantity
    value: sp.Expr
    tolerance: float
    text: str


@dataclass(frozen=True)
class Problem:
    """-(p psi')' + q psi = E w psi on an interval, and what is wanted of it.

    Every expression is a sympy expression in `coordinate` and the parameters' symbols, all of them
    real; energies and lengths are pure numbers in the units that `units` names.
    `deltas` are point interactions inside the domain; several at one place add up.
    `states` are the wanted quantum numbers, counted from 0 = ground state, increasing.  With a `search`
    they are not known before the problem is solved: `qdsl.solving` finds their number and fills them in.
    `sweeps` repeat the solve over parameter values; several make a grid, the last one running fastest.
    `closed` tells which ends belong to the domain, which matters for cases alone.
    `rereadings` are given the problem at its old and at its new parameter values, and bring up to date what
    a file fixes by numbers, such as `states`.
    `places` tells where in a file an expression came from, for error messages; a problem built in
    Python has none.
    """

    coordinate: sp.Symbol
    interval: tuple[sp.Expr, sp.Expr]
    q: sp.Expr
    p: sp.Expr = sp.S.One
    w: sp.Expr = sp.S.One
    deltas: tuple[PointInteraction, ...] = ()
    boundary: Boundary | None = None
    states: tuple[int, ...] = (0,)
    search: Search | None = None
    parameters: tuple[Parameter, ...] = ()
    training: Training = field(default_factory=Training)
    report: tuple[Quantity, ...] = ()
    expect: tuple[Expectation, ...] = ()
    sweeps: tuple[Sweep, ...] = ()
    units: UnitNames = UnitNames()
    title: str = ""
    potential_name: str = "V"
    closed: tuple[bool, bool] = (True, True)
    places: Mapping[sp.Basic | str, Span] = field(default_factory=dict, compare=False, repr=False)
    warnings: tuple[Diagnostic, ...] = field(default=(), compare=False, repr=False)
    rereadings: tuple[Callable[[Problem, Problem], Problem], ...] = field(
        default=(), compare=False, repr=False
    )

    def __post_init__(self) -> None:
        """Fill in what a Python user may leave out: plain numbers as such, the usual conditions."""
        object.__setattr__(self, "interval", tuple(map(_expression, self.interval)))
        for name in ("q", "p", "w"):
            object.__setattr__(self, name, _expression(getattr(self, name)))
        if self.boundary is None:
            usual = tuple(Decay() if end.is_infinite else Dirichlet() for end in self.interval)
            object.__setattr__(self, "boundary", usual)

    def __hash__(self) -> int:
        """Kept, as formulas are long and problems the keys of many caches."""
        return self._hash

    @cached_property
    def _hash(self) -> int:
        return hash(tuple(getattr(self, part.name) for part in fields(self) if part.compare))

    @property
    def ends(self) -> tuple[EndCondition, EndCondition] | None:
        """The conditions at the two ends; None when one condition ties both."""
        return None if isinstance(self.boundary, Bloch) else self.boundary

    @cached_property
    def values(self) -> dict[sp.Symbol, float]:
        """The parameters' numbers, in order, each from the earlier ones."""
        values: dict[sp.Symbol, float] = {}
        for parameter in self.parameters:
            values[parameter.symbol] = numeric.number(parameter.value, values)
        return values

    def number(self, expression: sp.Expr) -> float:
        """The value of an expression in the parameters (not in the coordinate), as a float."""
        return numeric.number(expression, self.values)

    def with_values(self, **values: float | sp.Expr) -> Problem:
        """The same problem with other parameter values; all that depends on these follows.

        An expression may use the parameters that come before.  Raises UsageError for an unknown name
        (with the closest known one), or when a parameter then lies outside of its interval, and
        ProblemError where the file then makes no sense, say wants half a state.
        """
        known = [p.symbol.name for p in self.parameters]
        for name in values:
            if name not in known:
                guess = did_you_mean(name, known)
                raise UsageError(
                    f"unknown parameter '{name}'",
                    hint=f"did you mean '{guess}'?" if guess else _known(known),
                )
        changed = tuple(
            replace(p, value=_expression(values.get(p.symbol.name, p.value))) for p in self.parameters
        )
        numbers: dict[sp.Symbol, float] = {}
        for parameter in changed:
            stranger = parameter.value.free_symbols - numbers.keys()
            if stranger:
                raise UsageError(
                    f"the value of '{parameter.symbol}' uses '{min(map(str, stranger))}', "
                    "which is no parameter before it"
                )
            value = numeric.number(parameter.value, numbers)
            complaint = parameter.complaint(value, numbers)
            if complaint:
                raise UsageError(complaint)
            numbers[parameter.symbol] = value
        after = replace(self, parameters=changed)
        for reread in self.rereadings:
            after = reread(self, after)
        return after


def _known(names: list[str]) -> str:
    return f"the parameters are {', '.join(names)}" if names else "this problem has no parameters"


def _expression(value: sp.Expr | float) -> sp.Expr:
    """A Python number as a sympy one; anything but an expression or a real number is refused.

    sympify is not used: it would run text.
    """
    if isinstance(value, sp.Expr):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return sp.Integer(value)
    if isinstance(value, float):
        return sp.oo if value == float("inf") else -sp.oo if value == -float("inf") else sp.Float(value)
    raise UsageError(f"expected a number or a sympy expression, not {value!r}")
