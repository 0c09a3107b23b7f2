"""What a `train { }` block says, as data: methods, networks, points, optimizers and their arguments.

Nothing here computes.  Each entry is a frozen dataclass whose fields are the arguments that a user may
write, with their defaults and with what they accept; the registries below say which names stand where.
The trainers in `qdsl.pinn` dispatch on these types.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar, Literal

from qdsl.errors import UsageError

# What arguments accept -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Rule:
    """What one argument accepts: how it is written, and which values of that kind.

    `wanted` completes the sentence "… must be …".
    """

    kind: Literal["count", "number", "counts", "word"]
    wanted: str
    holds: Callable[[Any], bool]


def _counts(low: int, high: int) -> Callable[[Any], bool]:
    return lambda n: isinstance(n, int) and not isinstance(n, bool) and low <= n <= high


def _numbers(low: float, high: float) -> Callable[[Any], bool]:
    """Numbers between the limits, which themselves are left out."""
    return lambda x: isinstance(x, int | float) and low < x < high


def _count(high: int) -> Rule:
    return Rule("count", f"a whole number from 1 to {high}", _counts(1, high))


def _one_of(*words: str) -> Rule:
    return Rule("word", "one of " + ", ".join(words), lambda word: word in words)


ACTIVATIONS: tuple[str, ...] = ("tanh", "sin", "gelu", "silu", "softplus", "gaussian")
PRECISIONS: tuple[str, ...] = ("float64",)

STEPS = _count(10_000_000)
POINTS_COUNT = _count(1_000_000)
FEATURES = _count(5_000)
RATE = Rule("number", "a number between 0 and 10", _numbers(0, 10))
ENERGY = Rule("number", "a number", _numbers(-math.inf, math.inf))
HIDDEN = Rule(
    "counts",
    "a list of one to ten layer sizes, such as [32, 32]",
    lambda sizes: isinstance(sizes, tuple) and 1 <= len(sizes) <= 10 and all(map(_counts(1, 5_000), sizes)),
)
ACTIVATION = _one_of(*ACTIVATIONS)
TOLERANCE = Rule("number", "a number between 0 and 1", _numbers(0, 1))
SEED = Rule("count", "a whole number from 0", _counts(0, 2**63 - 1))
PRECISION = _one_of(*PRECISIONS)
WEIGHT = Rule("number", "a number from 0 up", lambda x: isinstance(x, int | float) and 0 <= x < math.inf)


class _Checked:
    """Refuses values that the rules of the fields do not accept; None stands for a default."""

    name: ClassVar[str] = ""

    def __post_init__(self) -> None:
        for argument in fields(self):  # type: ignore[arg-type]
            rule: Rule | None = argument.metadata.get("rule")
            value = getattr(self, argument.name)
            if rule is not None and value is not None and not rule.holds(value):
                owner = f" of {self.name}" if self.name else ""
                raise UsageError(f"{argument.name}{owner} must be {rule.wanted}, not {value!r}")


# Methods ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Ritz(_Checked):
    """Random-feature Rayleigh-Ritz: hidden layer drawn once, output weights from an eigenproblem.

    With `features` left out, the pieces adapt to the tolerance and to the certificate; a given number of
    features per piece is used as it is, on the first choice of pieces.
    """

    name: ClassVar[str] = "ritz"
    features: int | None = field(default=None, metadata={"rule": FEATURES})


@dataclass(frozen=True)
class LevenbergMarquardt(_Checked):
    """Damped Gauss-Newton on the residual vector; moves the hidden layer too."""

    name: ClassVar[str] = "lm"
    steps: int = field(default=20, metadata={"rule": STEPS})


@dataclass(frozen=True)
class Gradient(_Checked):
    """The PINN of arXiv:2504.05367: every weight (and E, when trainable) by gradient descent."""

    name: ClassVar[str] = "gradient"


Method = Ritz | LevenbergMarquardt | Gradient


# Network and energy ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Mlp(_Checked):
    """Fully connected network per piece; its last hidden layer gives the features."""

    name: ClassVar[str] = "mlp"
    hidden: tuple[int, ...] = field(default=(32, 32), metadata={"rule": HIDDEN})
    activation: str = field(default="tanh", metadata={"rule": ACTIVATION})


@dataclass(frozen=True)
class FixedEnergy(_Checked):
    """The energy is known and held; one value serves every wanted state."""

    name: ClassVar[str] = "fixed"
    value: float = field(metadata={"rule": ENERGY})


@dataclass(frozen=True)
class TrainableEnergy(_Checked):
    """The energy is a parameter of the training; without `start` it begins at the Rayleigh quotient."""

    name: ClassVar[str] = "trainable"
    start: float | None = field(default=None, metadata={"rule": ENERGY})


Energy = FixedEnergy | TrainableEnergy


# Collocation points ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Gauss(_Checked):
    """Gauss-Legendre points on each piece."""

    name: ClassVar[str] = "gauss"
    count: int = field(default=64, metadata={"rule": POINTS_COUNT})


@dataclass(frozen=True)
class Uniform(_Checked):
    """Equally spaced points, shared out over the pieces by length; weights of the midpoint rule."""

    name: ClassVar[str] = "uniform"
    count: int = field(default=256, metadata={"rule": POINTS_COUNT})


@dataclass(frozen=True)
class RandomPoints(_Checked):
    """Points drawn uniformly once (seeded), shared out over the pieces by length."""

    name: ClassVar[str] = "random"
    count: int = field(default=256, metadata={"rule": POINTS_COUNT})


@dataclass(frozen=True)
class Sobol(_Checked):
    """Scrambled Sobol points drawn once (seeded), shared out over the pieces by length."""

    name: ClassVar[str] = "sobol"
    count: int = field(default=256, metadata={"rule": POINTS_COUNT})


Points = Gauss | Uniform | RandomPoints | Sobol


# Optimizers ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Adam(_Checked):
    name: ClassVar[str] = "adam"
    rate: float = field(default=1e-3, metadata={"rule": RATE})
    steps: int = field(default=5000, metadata={"rule": STEPS})


@dataclass(frozen=True)
class Lbfgs(_Checked):
    name: ClassVar[str] = "lbfgs"
    steps: int = field(default=200, metadata={"rule": STEPS})


Optimizer = Adam | Lbfgs


# Registries and the whole ----------------------------------------------------------------------------

METHODS: tuple[type[Method], ...] = (Ritz, Gradient, LevenbergMarquardt)
NETWORKS: tuple[type[Mlp], ...] = (Mlp,)
ENERGIES: tuple[type[Energy], ...] = (FixedEnergy, TrainableEnergy)
POINTS: tuple[type[Points], ...] = (Gauss, Uniform, RandomPoints, Sobol)
OPTIMIZERS: tuple[type[Optimizer], ...] = (Adam, Lbfgs)
LOSS_TERMS: tuple[str, ...] = ("residual", "raw_residual", "norm", "orthogonality")


@dataclass(frozen=True)
class Training(_Checked):
    """How the trial function is fitted.

    `tolerance` is relative, on energies, relative to max(|E|, kinetic energy); None means
    the default of the last method, 1e-9 for `ritz` and `lm`, 1e-3 for `gradient`.
    `network` is the one that was asked for; with None each method takes the network that suits it.
    `loss` maps the name of a term to its weight; None weighs all alike, in units that fit the problem.
    """

    method: tuple[Method, ...] = (Ritz(),)
    tolerance: float | None = field(default=None, metadata={"rule": TOLERANCE})
    network: Mlp | None = None
    energy: Energy = TrainableEnergy()
    points: Points = Gauss()
    loss: tuple[tuple[str, float], ...] | None = None
    optimizer: tuple[Optimizer, ...] = (Adam(), Lbfgs())
    seed: int = field(default=0, metadata={"rule": SEED})
    precision: str = field(default="float64", metadata={"rule": PRECISION})

    @property
    def weights(self) -> dict[str, float]:
        """The weights of the terms of the loss, by name."""
        return (
            dict(self.loss) if self.loss is not None else {"residual": 1.0, "norm": 1.0, "orthogonality": 1.0}
        )

    @property
    def own_units(self) -> bool:
        """Whether gradient training takes the residual in a unit of its own: nothing is set by the user."""
        return self.loss is None and self.energy == TrainableEnergy(None)

    @property
    def goal(self) -> float:
        """The tolerance in force."""
        if self.tolerance is not None:
            return self.tolerance
        return 1e-3 if isinstance(self.method[-1], Gradient) else 1e-9
