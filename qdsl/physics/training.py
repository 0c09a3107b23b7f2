"""What a `train { }` block says, as data: methods, networks, points, optimizers and their arguments.

Nothing here computes.  Each entry is a frozen dataclass whose fields are the arguments that a user may
write, with their defaults; the registries below say which names stand where.  The trainers in
`qdsl.pinn` dispatch on these types.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class Ritz:
    """Random-feature Rayleigh-Ritz: hidden layer drawn once, output weights from an eigenproblem.

    With `features` left out, pieces, features and quadrature adapt to the tolerance; a given number of
    features per piece is used as it is, on the first choice of pieces.
    """

    name: ClassVar[str] = "ritz"
    features: int | None = None


@dataclass(frozen=True)
class LevenbergMarquardt:
    """Damped Gauss-Newton on the residual vector; moves the hidden layer too."""

    name: ClassVar[str] = "lm"
    steps: int = 20


@dataclass(frozen=True)
class Gradient:
    """The PINN of arXiv:2504.05367: every weight (and E, when trainable) by gradient descent."""

    name: ClassVar[str] = "gradient"


Method = Ritz | LevenbergMarquardt | Gradient


@dataclass(frozen=True)
class Mlp:
    """Fully connected network per piece; its last hidden layer gives the features."""

    name: ClassVar[str] = "mlp"
    hidden: tuple[int, ...] = (32, 32)
    activation: str = "tanh"


@dataclass(frozen=True)
class FixedEnergy:
    """The energy is known and held; one value serves every wanted state."""

    name: ClassVar[str] = "fixed"
    value: float = 0.0


@dataclass(frozen=True)
class TrainableEnergy:
    """The energy is a parameter of the training; without `start` it begins at the Rayleigh quotient."""

    name: ClassVar[str] = "trainable"
    start: float | None = None


Energy = FixedEnergy | TrainableEnergy


@dataclass(frozen=True)
class Gauss:
    """Gauss-Legendre points on each piece."""

    name: ClassVar[str] = "gauss"
    count: int = 64


@dataclass(frozen=True)
class Uniform:
    """Equally spaced points, shared out over the pieces by length; weights of the midpoint rule."""

    name: ClassVar[str] = "uniform"
    count: int = 256


@dataclass(frozen=True)
class RandomPoints:
    """Points drawn uniformly once (seeded), shared out over the pieces by length."""

    name: ClassVar[str] = "random"
    count: int = 256


@dataclass(frozen=True)
class Sobol:
    """Scrambled Sobol points drawn once (seeded), shared out over the pieces by length."""

    name: ClassVar[str] = "sobol"
    count: int = 256


Points = Gauss | Uniform | RandomPoints | Sobol


@dataclass(frozen=True)
class Adam:
    name: ClassVar[str] = "adam"
    rate: float = 1e-3
    steps: int = 5000


@dataclass(frozen=True)
class Lbfgs:
    name: ClassVar[str] = "lbfgs"
    steps: int = 200


Optimizer = Adam | Lbfgs

METHODS: tuple[type[Method], ...] = (Ritz, Gradient, LevenbergMarquardt)
NETWORKS: tuple[type[Mlp], ...] = (Mlp,)
ENERGIES: tuple[type[Energy], ...] = (FixedEnergy, TrainableEnergy)
POINTS: tuple[type[Points], ...] = (Gauss, Uniform, RandomPoints, Sobol)
OPTIMIZERS: tuple[type[Optimizer], ...] = (Adam, Lbfgs)
ACTIVATIONS: tuple[str, ...] = ("tanh", "sin", "gelu", "silu", "softplus", "gaussian")
LOSS_TERMS: tuple[str, ...] = ("residual", "raw_residual", "norm", "orthogonality")


@dataclass(frozen=True)
class Training:
    """How the trial function is fitted.

    `tolerance` is relative, on energies, relative to max(|E|, kinetic energy); None means
    the default of the last method, 1e-9 for `ritz` and `lm`, 1e-3 for `gradient`.
    `loss` maps the name of a term to its weight.
    """

    method: tuple[Method, ...] = (Ritz(),)
    tolerance: float | None = None
    network: Mlp | None = None
    energy: Energy = TrainableEnergy()
    points: Points = Gauss()
    loss: tuple[tuple[str, float], ...] = (("residual", 1.0), ("norm", 1.0), ("orthogonality", 1.0))
    optimizer: tuple[Optimizer, ...] = (Adam(), Lbfgs())
    seed: int = 0
    precision: str = "float64"

    @property
    def goal(self) -> float:
        """The tolerance in force."""
        if self.tolerance is not None:
            return self.tolerance
        return 1e-3 if isinstance(self.method[-1], Gradient) else 1e-9
