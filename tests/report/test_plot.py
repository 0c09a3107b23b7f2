"""Pictures draw the numbers: every psi_n at its energy, inside V, in a window that shows them."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from matplotlib.figure import Figure

from qdsl.report.files import PLOT_FORMATS
from qdsl.report.plot import draw, render, spread


def curve(figure: Figure, gid: str) -> np.ndarray:
    (line,) = [line for line in figure.axes[0].lines if line.get_gid() == gid]
    return np.asarray(line.get_xydata())


def test_curves_are_psi_raised_to_the_energies(infinite_well):
    solution = infinite_well()
    figure = draw(solution)
    heights = []
    for n, energy in enumerate(solution.energies):
        x, y = curve(figure, f"psi{n}").T
        psi = np.sqrt(2) * np.sin((n + 1) * np.pi * x)
        scale = (y - energy)[100] / psi[100]
        np.testing.assert_allclose(y, energy + scale * psi, atol=1e-9 * abs(energy))
        assert scale > 0
        heights.append(scale)
    np.testing.assert_allclose(heights, heights[0], rtol=1e-9, err_msg="one scale for all states")


def test_potential_is_drawn_with_upright_steps(high_walls):
    x, v = curve(draw(high_walls), "V").T
    assert v[np.abs(x) < 0.999].max() == 0
    jump = np.abs(np.diff(v)) > 1
    assert np.diff(x)[jump].max() < 1e-6


def test_everything_wanted_is_in_view(infinite_well, oscillator, high_walls):
    for solution in (infinite_well(), oscillator, high_walls):
        axes = draw(solution).axes[0]
        bottom, top = axes.get_ylim()
        for n in range(len(solution.energies)):
            y = curve(axes.figure, f"psi{n}")[:, 1]
            assert bottom < y.min()
            assert y.max() < top


def test_window_ignores_huge_walls_and_empty_space(high_walls, oscillator):
    axes = draw(high_walls).axes[0]
    assert axes.get_ylim()[1] < 3 * np.pi**2
    left, right = axes.get_xlim()
    assert -2 < left < -1
    assert 1 < right < 2
    left, right = draw(oscillator).axes[0].get_xlim()
    assert -8 < left < -3
    assert 3 < right < 8


def test_labels_carry_units_and_numbers(infinite_well):
    solution = infinite_well((0, 3))
    axes = draw(solution).axes[0]
    assert axes.get_xlabel() == "$x$ (dimensionless)"
    assert axes.get_ylabel() == "energy (dimensionless)"
    assert axes.get_title() == "A box"
    texts = " ".join(text.get_text() for text in axes.texts)
    assert "n=0" in texts
    assert "n=3" in texts
    assert "157.91" in texts


def test_near_degenerate_levels_get_separate_labels(infinite_well):
    solution = infinite_well((0, 1))
    energies = np.array([3.863669279, 3.865185655])
    pair = replace(solution, states=replace(solution.states, energies=energies))
    first, second = draw(pair).axes[0].texts
    assert second.get_position()[1] - first.get_position()[1] > 0.04
    assert "3.8637" in first.get_text()
    assert "3.8652" in second.get_text()


@pytest.mark.parametrize("kind", PLOT_FORMATS)
def test_files_are_of_their_kind_and_reproducible(infinite_well, kind):
    data = render(draw(infinite_well()), kind)
    assert data.startswith({"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF"}[kind])
    assert data == render(draw(infinite_well()), kind)


def test_odd_titles_do_not_stop_a_picture(infinite_well):
    solution = infinite_well((0,))
    for title in ("cost: $5", "{\\bf", "井戸 ψ", ""):
        odd = replace(solution, problem=replace(solution.problem, title=title))
        assert render(draw(odd), "png").startswith(b"\x89PNG")


def test_many_states_are_drawn_with_some_labels(infinite_well):
    axes = draw(infinite_well(tuple(range(60)))).axes[0]
    assert sum((line.get_gid() or "").startswith("psi") for line in axes.lines) == 60
    assert len(axes.texts) == 22
    places = [text.get_position()[1] for text in axes.texts]
    assert min(np.diff(places)) > 0.04
    assert min(places) >= 0
    assert max(places) <= 1


def test_spread_keeps_what_has_room():
    assert spread([0.1, 0.5, 0.9], 0.05) == [0.1, 0.5, 0.9]
    np.testing.assert_allclose(spread([0.5, 0.5, 0.9], 0.1), [0.45, 0.55, 0.9])
    np.testing.assert_allclose(spread([0.0, 0.0, 0.06], 0.1), [0.0, 0.1, 0.2], atol=1e-12)


def test_no_pyplot_and_no_global_state():
    script = "import sys, qdsl.report.plot; print('matplotlib.pyplot' in sys.modules)"
    run = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    assert run.stdout.strip() == "False"
