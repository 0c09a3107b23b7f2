"""The box of the reference solver: where an infinite domain is cut, by its own rule."""

from __future__ import annotations

import math

import numpy as np

from qdsl.states import Array
from qdsl.verify.coefficients import Coefficients
from qdsl.verify.decay import DEAD_DECAY, ROUNDING_DECAY, end_decay
from qdsl.verify.quadrature import composite
from qdsl.verify.wkb import Samples

# A Dirichlet cut behind D decay lengths raises an energy by about exp(-2 D) of its kinetic scale.  The
# coarse solve is cut at 18 (2e-16, times factors of order 10), the fine one six further, so that
# the comparison of the two shows a cut that was too near.
INNER_DECAY = ROUNDING_DECAY
OUTER_DECAY = ROUNDING_DECAY + 6.0
# The box exceeds the method's own by at least so many decay lengths, unless that is dead ground already.
BEYOND = 4.0
# It exceeds the decay that is needed by so much, so that one whose energies are known better still does.
SPARE = 1.0
_PANELS = 64
_GROWTH = 1.25
# Where a mesh is cut first, in widths of the box: an element in the middle has 1/64 of it.
_SEEDS = np.array([1 / 16, 1 / 128])


def grown(
    coefficients: Coefficients, box: tuple[float, float], samples: Samples, energy: float, beyond: float
) -> tuple[float, float] | None:
    """A box that contains `box` and ends `OUTER_DECAY` behind the outermost turning points.

    `samples` are those of a mesh on `box`; `beyond` is the least growth in decay lengths.  Finite ends
    of the domain stay.  None when the energy does not decay: it lies above the potential far out.
    """
    if not any(map(math.isinf, coefficients.domain)):
        return box
    width = box[1] - box[0]
    ends = list(box)
    for side, inside in enumerate(end_decay(samples, energy)):
        if math.isfinite(coefficients.domain[side]) or inside >= DEAD_DECAY:
            continue
        needed = max(OUTER_DECAY - inside, beyond)
        if needed <= 0:
            continue
        end = _reach(coefficients, box[side], 1 if side else -1, width, energy, needed + SPARE)
        if end is None:
            return None
        ends[side] = end
    return ends[0], ends[1]


def seeds(coefficients: Coefficients, box: tuple[float, float]) -> Array:
    """Edges to start a mesh from: the singular points and, in a cut domain, points at growing distances.

    A shallow well is bound in a box of hundreds of its widths, where no sample of a few even elements
    would fall into it.  The well is looked for near the singular points, else near a finite end, else
    near 0.
    """
    finite = [end for end in coefficients.domain if math.isfinite(end)]
    if len(finite) == 2:
        return np.array(coefficients.cuts)
    anchors = list(coefficients.cuts) or finite or [0.0]
    first, last = min(anchors), max(anchors)
    distances = (box[1] - box[0]) * _SEEDS
    distances = distances[distances > last - first]
    return np.array(sorted({*coefficients.cuts, *(first - distances), *(last + distances)}))


def widened(coefficients: Coefficients, box: tuple[float, float], factor: float) -> tuple[float, float]:
    """The box with `factor - 1` of its width added at every infinite end."""
    more = (factor - 1) * (box[1] - box[0])
    left, right = coefficients.domain
    return box[0] - more * math.isinf(left), box[1] + more * math.isinf(right)


def inner_box(coefficients: Coefficients, samples: Samples, energy: float) -> tuple[float, float]:
    """A smaller box for the comparison, some six decay lengths inside the mesh at each infinite end."""
    if not any(map(math.isinf, coefficients.domain)):
        return coefficients.domain
    drop = OUTER_DECAY - INNER_DECAY
    k = samples.wavenumber(energy).ravel()
    lengths = samples.weights.ravel() * np.maximum(-k, 0.0)
    x = samples.x.ravel()
    ends = [float(samples.edges[0]), float(samples.edges[-1])]
    for side, inside in enumerate(end_decay(samples, energy)):
        if math.isinf(coefficients.domain[side]) and inside > drop:
            order = slice(None, None, -1 if side else 1)
            ends[side] = float(np.interp(drop, np.cumsum(lengths[order]), x[order]))
    return ends[0], ends[1]


def _reach(
    coefficients: Coefficients, start: float, sign: int, width: float, energy: float, needed: float
) -> float | None:
    """The point `needed` decay lengths outward of `start`, counted from the last allowed point on."""
    steps = width / 16 * _GROWTH ** np.arange(_PANELS)
    offsets = np.concatenate([[0.0], np.cumsum(steps)])
    rule = composite(offsets, 4)
    p, q, w = coefficients.at(start + sign * rule.x)
    kinetic = (q - energy * w) / p
    lengths = (rule.weights * np.sqrt(np.maximum(kinetic, 0.0))).ravel()
    total: Array = np.cumsum(lengths)
    allowed = np.flatnonzero(kinetic.ravel() < 0)
    if allowed.size:
        total = total - total[allowed[-1]]
    if not total[-1] >= needed:
        return None
    return start + sign * float(np.interp(needed, total, rule.x.ravel()))
