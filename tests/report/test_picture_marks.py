"""Pictures of solved problems: complex states, point interactions, mass steps, continua, and no states."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.text import Annotation

import qdsl
from qdsl.report.plot import draw, render
from qdsl.report.sweep_plot import draw_sweep
from qdsl.report.view import look
from qdsl.solution import Solution


def solved(*lines: str) -> Solution:
    return qdsl.solve(qdsl.parse("\n".join(lines)))


def lines(figure: Figure, gid: str) -> list[Line2D]:
    return [line for line in figure.axes[0].lines if line.get_gid() == gid]


def arrows(figure: Figure) -> list[Annotation]:
    return [text for text in figure.axes[0].texts if text.get_gid() == "delta"]


def strengths(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.axes[0].texts if text.get_gid() == "strength"]


def legend(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.legends[0].get_texts()]


def test_complex_states_show_both_parts_and_their_size():
    solution = solved("domain x in [0, 1]", "potential V(x) = 0", "boundary bloch(1)", "find states 0..1")
    figure = draw(solution)
    for n, k in ((0, 1.0), (1, 1.0 - 2 * np.pi)):  # a free particle: exp(i k x) up to a phase, E = k^2
        (real,), (imaginary,) = lines(figure, f"psi{n}"), lines(figure, f"im{n}")
        x, re = np.asarray(real.get_xydata()).T - np.array([[0], [k**2]])
        im = np.asarray(imaginary.get_ydata()) - k**2
        wave = (re + 1j * im) * np.exp(-1j * k * x)
        np.testing.assert_allclose(wave, wave[0], rtol=1e-6)
        shade = next(s for s in figure.axes[0].collections if s.get_gid() == f"shade{n}")
        assert isinstance(shade, PolyCollection)
        edges = shade.get_paths()[0].vertices[:, 1]
        assert edges.min() == pytest.approx(k**2 - abs(wave[0]), rel=1e-6)
        assert edges.max() == pytest.approx(k**2 + abs(wave[0]), rel=1e-6)
    assert {r"Re $\psi_n$($x$), raised to $E_n$", r"Im $\psi_n$($x$)", r"$\pm|\psi_n|$"} <= set(
        legend(figure)
    )


def test_bloch_states_that_are_real_have_no_imaginary_part():
    figure = draw(
        solved("domain x in [0, 1]", "potential V(x) = 0", "boundary bloch(pi)", "find states 0..1")
    )
    assert not lines(figure, "im0")
    assert r"$\psi_n$($x$), raised to $E_n$" in legend(figure)


def test_point_interactions_are_arrows_from_the_potential():
    solution = solved(
        "domain x in [0, 4]",
        "potential V(x) = x^2 - 6*delta(x - 1) + 3*delta(x - 2) - delta(x - 3) + delta(x - 3)",
        "find states 0..2",
    )
    figure = draw(solution)
    down, up = arrows(figure)
    assert down.xyann == pytest.approx((1, 1))  # the tail, on the curve of V
    assert up.xyann == pytest.approx((2, 4))
    assert down.xy[0] == 1
    assert up.xy[0] == 2
    fall, rise = down.xy[1] - 1, up.xy[1] - 4
    assert fall < 0 < rise
    assert fall == pytest.approx(-2 * rise), "lengths are in proportion to the strengths"
    assert strengths(figure) == [r"$-6\,\delta$", r"$3\,\delta$"]
    assert "point interaction" in legend(figure)
    bottom, top = figure.axes[0].get_ylim()
    assert bottom < down.xy[1]
    assert up.xy[1] < top


def test_strengths_of_point_interactions_have_units():
    figure = draw(
        solved(
            "units meV, nm",
            "domain x in (-inf, inf)",
            "potential V(x) = -500 meV*nm*delta(x)",
            "find bound states",
        )
    )
    assert strengths(figure) == [r"$-500\,\delta$"]
    assert "point interaction, strength in meV nm" in legend(figure)


def test_many_point_interactions_have_no_room_for_strengths():
    comb = " + ".join(f"delta(x - {k})" for k in range(1, 12))
    figure = draw(solved("domain x in [0, 12]", f"potential V(x) = {comb}"))
    assert [arrow.xy[0] for arrow in arrows(figure)] == list(range(1, 12))
    assert not strengths(figure)


def test_mass_steps_are_marked():
    mass = "mass m(x) = { 1 if x < 1; 4 otherwise }"
    figure = draw(solved("domain x in [0, 2]", mass, "potential V(x) = { 5 if x > 3/2; 0 otherwise }"))
    assert [line.get_xdata()[0] for line in lines(figure, "jump")] == [1.0]
    assert "mass jumps" in legend(figure)


def test_the_continuum_is_shown_where_it_was_asked_for():
    well = ("domain x in (-inf, inf)", "potential V(x) = 3 - 2/cosh(x)^2")
    figure = draw(solved(*well, "find bound states"))
    (edge,) = lines(figure, "continuum")
    assert list(edge.get_ydata()) == [3, 3]
    assert figure.axes[0].get_ylim()[1] > 3
    assert not lines(draw(solved(*well, "find state 0")), "continuum")


def test_an_equation_with_a_weight_is_compared_with_q_over_w():
    solution = solved("domain x in [1, 2]", "equation -(x*psi')' + 4*x*psi = E*x^2*psi", "find states 0..1")
    figure = draw(solution)
    x, v = np.asarray(lines(figure, "V")[0].get_xydata()).T
    np.testing.assert_allclose(v, 4 / x)
    assert "$q$($x$)/$w$($x$)" in legend(figure)
    assert "below $q$/$w$: classically forbidden" in legend(figure)


def test_singular_ends_where_psi_is_not_zero_are_no_walls():
    legendre = solved("domain x in [-1, 1]", "equation -((1 - x^2)*psi')' = E*psi", "find states 0..2")
    assert look(legendre).walls == ()
    radial = solved("domain r in [0, 1]", "potential V(r) = 2/r^2")
    assert look(radial).walls == (0.0, 1.0)


@pytest.mark.parametrize(
    ("domain", "potential", "deepest", "inside"),
    [
        ("[0, inf)", "-exp(-x)", -1.0, (0.0, 5.0)),
        ("[0, inf)", "{ -2 if x < 1; 0 otherwise }", -2.0, (0.0, 1.2)),
        ("(-inf, inf)", "3*delta(x)", 0.0, (-0.5, 0.5)),
        ("[0, inf)", "-exp(-x)/x", -3.0, (0.1, 2.0)),
    ],
)
def test_without_states_there_is_still_the_potential(domain, potential, deepest, inside):
    solution = solved(f"domain x in {domain}", f"potential V(x) = {potential}", "find bound states")
    figure = draw(solution)
    axes = figure.axes[0]
    assert axes.get_xlim()[0] <= inside[0]
    assert inside[1] <= axes.get_xlim()[1] < 20 * inside[1]
    assert axes.get_ylim()[0] < deepest
    assert axes.get_ylim()[0] > 8 * deepest - 2
    assert "no bound state below the continuum at 0" in [text.get_text() for text in axes.texts]
    assert render(figure, "png").startswith(b"\x89PNG")


def test_sixty_levels_stay_apart():
    solution = solved("domain x in (-inf, inf)", "potential V(x) = x^2", "find states 0..59")
    figure = draw(solution)
    heights = [
        np.abs(np.asarray(lines(figure, f"psi{n}")[0].get_ydata()) - (2 * n + 1)).max() for n in range(60)
    ]
    assert max(heights) < 4
    assert figure.axes[0].get_ylim()[0] > -10


def test_long_titles_are_wrapped():
    title = "a rather long title that goes on and on and on and on and on and on, to see what happens"
    figure = draw(solved(f'title "{title}"', "domain x in [0, 1]", "potential V(x) = 0"))
    shown = figure.axes[0].get_title()
    assert shown.split() == title.split()
    assert max(map(len, shown.splitlines())) <= 64


def test_a_state_of_a_delta_alone_is_drawn_to_its_own_scale():
    figure = draw(solved("domain x in (-inf, inf)", "potential V(x) = -3*delta(x)"))
    bottom, top = figure.axes[0].get_ylim()
    assert -9 < bottom < -2.25
    assert 0 < top < 4.5
    (arrow,) = arrows(figure)
    assert arrow.xyann == (0, 0)


def test_labels_of_neighbouring_arrows_keep_apart():
    figure = draw(solved("domain x in [-8, 8]", "potential V(x) = -3*delta(x - 1/2) - 3*delta(x + 1/2)"))
    sides = [text.get_ha() for text in figure.axes[0].texts if text.get_gid() == "strength"]
    assert sides == ["right", "left"]


def test_a_soft_wall_is_no_hard_one():
    view = look(solved("domain r in [0, inf)", "potential V(r) = 200*(1/r^12 - 1/r^6)"))
    assert view.walls == ()
    assert view.left > 0.3


def test_tiny_energies_are_powers_of_ten():
    figure = draw(solved("domain x in (-inf, inf)", "potential V(x) = -delta(x)/50"))
    assert [text.get_text() for text in figure.axes[0].texts if "E=" in text.get_text()] == [
        r"$n=0$   $E=-1.0000\times10^{-4}$"
    ]


def test_levels_of_a_sweep_vanish_into_the_continuum():
    text = (
        "units meV, nm\nparam V0 = 20 meV\nparam L = 4 nm\nmass = 0.067 m_e\ndomain x in [0 nm, inf)\n"
        "potential V(x) = { 0 meV if x < L; V0 otherwise }\n"
        "find bound states\nsweep V0 = [50 meV, 90 meV]\nsweep L = [8 nm, 9 nm]"
    )
    figure = draw_sweep(qdsl.sweep(qdsl.parse(text)))
    for edge in lines(figure, "continuum"):
        np.testing.assert_allclose(edge.get_xydata(), [[50, 50], [90, 90]], rtol=1e-12)
    assert legend(figure) == ["$L$ = 8 nm", "$L$ = 9 nm", "above: continuum"]
