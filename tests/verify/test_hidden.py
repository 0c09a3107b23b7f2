"""What hides between the points of the quadrature is noticed, and nothing else is."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import sympy as sp

import qdsl
from qdsl import adapting
from qdsl.physics.analysis import smooth_pieces
from qdsl.physics.features import narrow_features
from qdsl.physics.problem import Problem
from qdsl.physics.spikes import varying
from qdsl.verify import coefficients
from qdsl.verify.hidden import hidden

X = sp.Symbol("x", real=True)
POINTS = (np.arange(80) + 0.37) / 80


@pytest.mark.parametrize("at", [1e-3, 0.3123, 0.998])
@pytest.mark.parametrize("width", [1e-9, 1e-5])
@pytest.mark.parametrize("sign", [1, -1])
def test_a_spike_between_the_points(at: float, width: float, sign: int) -> None:
    spike = sign * sp.Float(1e-3 / width) / sp.cosh((X - sp.Float(at)) / width) ** 2
    places = hidden(Problem(X, (0, 1), 50 * X**2 + spike), POINTS, (0.0, 1.0))
    assert places[0] == pytest.approx(at, abs=20 * width)


@pytest.mark.parametrize("at", [0.0313, 0.5004, 0.967])
@pytest.mark.parametrize("width", [1e-6, 1e-4])
def test_a_spike_on_a_slope(at: float, width: float) -> None:
    """From one point to the next the slope rises by as much as the spike is high."""
    spike = sp.Float(1e-3 / width) * sp.exp(-(((X - sp.Float(at)) / width) ** 2))
    places = hidden(Problem(X, (0, 1), 1e5 / width * 1e-3 * X + spike), POINTS, (0.0, 1.0))
    assert places[0] == pytest.approx(at, abs=20 * width)


@pytest.mark.parametrize(
    "potential", [50 * X**2, sp.cos(60 * X), (X**3 - X) ** 2 * 1000, sp.exp(9 * X), sp.Abs(X - 0.4), 1 / X]
)
def test_nothing_hides_in_what_the_points_show(potential: sp.Expr) -> None:
    assert not hidden(Problem(X, (0, 1), potential), POINTS, (0.0, 1.0)).size


@pytest.mark.parametrize("at", [0.3123, 0.87])
@pytest.mark.parametrize("width", [1e-6, 1e-4])
@pytest.mark.parametrize("power", [1, 2])
def test_a_spike_of_which_only_short_intervals_have_an_enclosure(at: float, width: float, power: int) -> None:
    """Written out, ((x - a)^2 + l^2) (x + 1) seems to have zeros between the points."""
    below = sp.expand(((X - at) ** 2 + width**2) * (X + 1))
    spike = 1e-3 / width * (width**2 / below) ** power
    assert hidden(Problem(X, (0, 1), 50 * X**2 + spike), POINTS, (0.0, 1.0))[0] == pytest.approx(at, abs=3e-3)


def test_a_spike_beside_what_has_no_enclosure() -> None:
    """The smooth term is not enclosed on intervals longer than 1e-6, and so the sum is not; the spike is."""
    smooth, spike = 1 / ((X + 1000) ** 2 - 2000.6 * X - 999999.9), -1e7 * sp.exp(-(((X - 0.123) / 1e-7) ** 2))
    problem = Problem(X, (0, 1), smooth + spike)
    assert hidden(problem, POINTS, (0.0, 1.0))[0] == pytest.approx(0.123, abs=1e-6)
    assert not hidden(Problem(X, (0, 1), smooth + 50 * X**2), POINTS, (0.0, 1.0)).size
    assert np.abs(np.array([0.0, *narrow_features(problem)]) - 0.123).min() < 1e-6


@pytest.mark.parametrize(("low", "high"), [(0, 1), (-sp.oo, 0), (0, sp.oo), (-sp.oo, sp.oo)])
def test_what_has_an_enclosure_stays_whole(low: sp.Expr, high: sp.Expr) -> None:
    problem = Problem(X, (low, high), X**2 + 1 / (X**2 + 1) + sp.Abs(X))
    for piece in smooth_pieces(problem):
        assert [part.expression for part in varying(problem, piece)] == [piece.q]


@pytest.mark.parametrize("potential", [1000 * (1 - sp.cos(X)) / X**2, 1e6 * sp.sin(X) / X, X * sp.log(X**2)])
def test_what_has_no_enclosure_at_an_end_hides_nothing(potential: sp.Expr) -> None:
    points = np.concatenate([POINTS - 1, POINTS])
    assert not hidden(Problem(X, (-1, 1), potential), points, (-1.0, 0.0, 1.0)).size


def test_the_tail_of_a_cusp_on_a_wide_piece() -> None:
    """Of 1e6 exp(-x/2e-6) a piece up to 1e-5 leaves 7 thousandths of the area to the next one."""
    potential, end = 50 * X**2 + 1e6 * sp.exp(-X / 2e-6), 1e-5
    points = np.concatenate([end * POINTS, end + (1 - end) * POINTS])
    assert hidden(Problem(X, (0, 1), potential), points, (0.0, end, 1.0)) == pytest.approx([end], abs=1e-4)
    finer = [0.0, end, 3e-5, 1e-4, 1e-3, 1e-2, 0.1, 1.0]
    points = np.concatenate([a + (b - a) * POINTS for a, b in pairwise(finer)])
    assert not hidden(Problem(X, (0, 1), potential), points, finer).size


def test_the_tail_of_a_cusp_on_a_slope() -> None:
    """8.7 widths away it is lower than what the slope rises by to the first point, and worth 1e-7."""
    potential, end = 1000 * X + 448 * sp.exp(-X / 2e-6), 1.74e-5
    points = np.concatenate([end * POINTS, end + (1 - end) * POINTS])
    assert hidden(Problem(X, (0, 1), potential), points, (0.0, end, 1.0)) == pytest.approx([end], abs=1e-4)


def test_a_peak_beside_a_pole() -> None:
    """1/x^2 rises by more than the peak is high from point to point; its second derivative does not."""
    text = "domain x in [0, 2.7]\npotential V(x) = 2/x^2 + 3.3/x{}\nfind states 0..3"
    peak = qdsl.solve(qdsl.parse(text.format(" + 7.4/(1 + ((x - 0.175)/3.5e-5)^2)")))
    assert peak.status == "certified"
    assert len(peak.states.edges) > len(qdsl.solve(qdsl.parse(text.format(""))).states.edges) + 5
    assert (np.abs(peak.certificate.differences) <= peak.bounds + peak.reference.errors).all()


def test_a_tail_on_a_wide_piece_is_cut() -> None:
    """A cusp in a quartic well, by shooting from both sides with rtol 1e-12: without its tail E_0 is off by
    1e-3, which quadratures that do not see it called 1e-6."""
    cusp, slope = "-604154.7484732307*exp(-|x - 0.79008|/3.2180727906759348e-06)", "0.37343437318366945"
    text = f"{cusp} + {slope}*(x + 0.732) + 0.00811046256519627*(x + 0.732)^4"
    solution = qdsl.solve(qdsl.parse(f"domain x in (-inf, inf)\npotential V(x) = {text}\nfind states 0..0"))
    assert solution.status == "certified"
    assert abs(solution.energies[0] + 3.1584592057) <= solution.bounds[0] + 1e-9


def test_what_the_analysis_overlooks_is_found_by_the_certificate(monkeypatch: pytest.MonkeyPatch) -> None:
    """The needle acts like a delta of its area; solver and reference alike look again around it."""
    text = "domain x in [-10, 10]\npotential V(x) = |x| - {}\nfind states 0..2"
    delta = qdsl.solve(qdsl.parse(text.format(f"{np.sqrt(np.pi)}*delta(x - 0.3)")))
    for module in (coefficients, pytest.importorskip("qdsl.pinn.box")):
        monkeypatch.setattr(module, "narrow_features", lambda _: ())
    needle = qdsl.solve(qdsl.parse(text.format("1e4*exp(-((x - 0.3)/1e-4)^2)")))
    assert needle.status == "certified"
    assert needle.energies == pytest.approx(delta.energies, abs=3e-4)
    assert (np.abs(needle.certificate.differences) <= needle.bounds + needle.reference.errors).all()


@pytest.mark.parametrize(
    "needle", ["1e4*exp(-(x/1e-4)^2)", "1e9*exp(-(x/1e-4)^2)", "1e3/cosh((x - 2)/1e-6)^2"]
)
def test_no_certificate_for_what_was_not_seen(needle: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Solver, reference and quadrature agree about a line without the needle when none looks for it."""
    for module in (coefficients, pytest.importorskip("qdsl.pinn.box")):
        monkeypatch.setattr(module, "narrow_features", lambda _: ())
    monkeypatch.setattr(adapting, "ROUNDS", 0)  # a second look finds it
    solution = qdsl.solve(
        qdsl.parse(f"domain x in [-10, 10]\npotential V(x) = |x| - {needle}\nfind states 0..2")
    )
    assert solution.status == "not certified"
    assert "a narrow feature of the equation at x = " in solution.message


def test_no_certificate_where_nothing_is_enclosed() -> None:
    """A needle over x^2 - 0.6 x + 0.1, which is written so that no interval shows it to be positive."""
    needle = "-1e6*exp(-((x - 0.123)/1e-7)^2)/((x + 1000)^2 - 2000.6*x - 999999.9)"
    solution = qdsl.solve(qdsl.parse(f"domain x in [0, 1]\npotential V(x) = {needle}\nfind states 0..1"))
    off = abs(solution.energies[0] + 4.28)  # that of a delta of this strength is known to that
    assert off < 0.02 or not solution.certificate.certified[0]


@pytest.mark.parametrize(
    ("slope", "needle"), [(2000, "30*exp(-((x - 0.0313)/1e-4)^2)"), (1e6, "300*exp(-((x - 0.00507)/1e-6)^2)")]
)
def test_no_certificate_for_a_needle_on_a_slope(slope: float, needle: str) -> None:
    """It is worth 1e-4 of the energies, and the levels of the slope alone had bounds of 1e-13 of them."""
    domain = f"domain x in [0, 1]\npotential V(x) = {slope}*x"
    without = qdsl.solve(qdsl.parse(f"{domain}\nfind states 0..2"))
    solution = qdsl.solve(qdsl.parse(f"{domain} + {needle}\nfind states 0..2"))
    missed = solution.energies - without.energies < 1e-8 * without.energies
    assert not (missed & solution.certificate.certified).any()
