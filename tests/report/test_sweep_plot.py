"""The picture of a sweep holds its numbers: a line for each level, and marks for what cannot be believed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pytest
import sympy as sp
from matplotlib.figure import Figure

import qdsl
from qdsl.errors import ProblemError, UsageError
from qdsl.physics.problem import Parameter, Problem, Sweep
from qdsl.report.style import symbol
from qdsl.report.sweep_plot import draw_sweep
from qdsl.sweeping import SweepPoint, SweepResult

X, A, B = (sp.Symbol(name, real=True) for name in ("x", "a", "b"))


def result_of(points: Sequence[SweepPoint], **parameters: Parameter) -> SweepResult:
    """A sweep of these points over their parameters."""
    symbols = [sp.Symbol(name, real=True) for name in points[0].values]
    problem = Problem(
        X,
        (sp.Integer(0), sp.Integer(1)),
        sp.Integer(0),
        parameters=tuple(parameters.get(s.name, Parameter(s, sp.Integer(1))) for s in symbols),
        sweeps=tuple(Sweep(s, (sp.Integer(1),)) for s in symbols),
        title="A sweep",
    )
    return SweepResult(problem, tuple(points))


def curves(figure: Figure, gid: str) -> list[np.ndarray]:
    return [np.asarray(line.get_xydata()) for line in figure.axes[0].lines if line.get_gid() == gid]


def failed(values: Mapping[str, float]) -> SweepPoint:
    return SweepPoint(values, None, ProblemError("no potential"))


def legend(figure: Figure) -> list[str]:
    return [text.get_text() for found in figure.legends for text in found.get_texts()]


def test_the_lines_are_the_levels_in_the_order_of_the_parameter(tmp_path):
    result = qdsl.sweep(
        qdsl.parse(
            'param a = 1 "width"\ndomain x in [0, a]\npotential V(x) = 0\nfind states 0..1\n'
            "sweep a = [2, 0.5, 1]"
        )
    )
    figure = result.plot(tmp_path / "levels.svg")
    for n in (0, 1):
        (curve,) = curves(figure, f"E{n}")
        a = np.array([0.5, 1, 2])
        np.testing.assert_allclose(curve, np.stack([a, ((n + 1) * np.pi / a) ** 2], axis=1), rtol=1e-9)
    assert figure.axes[0].get_xlabel() == "width, $a$"
    assert figure.axes[0].get_xlim() == (0.5, 2)
    assert not curves(figure, "doubt")
    assert not curves(figure, "error")
    assert legend(figure) == []
    assert (tmp_path / "levels.svg").read_text(encoding="utf-8").startswith("<?xml")


def test_each_value_of_a_second_parameter_is_a_line_of_its_own(infinite_well):
    points = [
        SweepPoint({"a": a, "b": b}, infinite_well(states=(0, int(b))))
        for a in (1.0, 2.0)
        for b in (1.0, 3.0)
    ]
    figure = draw_sweep(result_of(points))
    pi2 = np.pi**2
    assert [curve.tolist() for curve in curves(figure, "E0")] == [[[1, pi2], [2, pi2]]] * 2
    (absent, third) = curves(figure, "E3")
    assert np.isnan(absent[:, 1]).all()
    assert third.tolist() == [[1, 16 * pi2], [2, 16 * pi2]]
    styles = {str(line.get_linestyle()) for line in figure.axes[0].lines if line.get_gid() == "E0"}
    assert len(styles) == 2
    assert legend(figure) == ["$b$ = 1", "$b$ = 3"]


def test_what_cannot_be_believed_is_marked(infinite_well):
    doubtful = infinite_well(states=(0, 1))
    certificate = replace(doubtful.certificate, converged=np.array([True, False]))
    points = [
        SweepPoint({"a": 1.0}, infinite_well(states=(0, 1))),
        SweepPoint({"a": 2.0}, replace(doubtful, certificate=certificate)),
        failed({"a": 3.0}),
    ]
    figure = draw_sweep(result_of(points))
    assert [mark.tolist() for mark in curves(figure, "doubt")] == [[[2, 4 * np.pi**2]]]
    assert [mark[0, 0] for mark in curves(figure, "error")] == [3]
    assert legend(figure) == ["not certified or not converged", "no result"]
    for mark in (line for line in figure.axes[0].lines if line.get_gid() == "E0"):
        assert np.isnan(mark.get_ydata()[2])


@pytest.mark.parametrize("alone", [0, 30, 59])
def test_a_level_that_exists_at_one_point_is_seen(infinite_well, alone):
    """With many points lines have no dots, and a line of one point has no length."""
    points = [
        SweepPoint({"a": float(i)}, infinite_well(states=(0, 1) if i in (alone, 57, 58, 59) else (0,)))
        for i in range(60)
    ]
    figure = draw_sweep(result_of(points))
    (line,) = [line for line in figure.axes[0].lines if line.get_gid() == "E1"]
    assert line.get_markevery() == ([alone] if alone != 59 else [])


def test_units_stand_on_the_axis(infinite_well):
    parameter = Parameter(A, sp.Integer(1), doc="well width", unit="nm")
    points = [SweepPoint({"a": float(i)}, infinite_well()) for i in (1, 2)]
    assert draw_sweep(result_of(points, a=parameter)).axes[0].get_xlabel() == "well width, $a$ (nm)"


def test_pictures_of_what_is_hardly_there(infinite_well):
    point = SweepPoint({"a": 1.0}, infinite_well())
    (curve,) = curves(draw_sweep(result_of([point])), "E0")
    assert curve.tolist() == [[1, np.pi**2]]
    figure = draw_sweep(result_of([failed({"a": 1.0}), failed({"a": float("inf")})]))
    assert len(curves(figure, "error")) == 2
    figure = draw_sweep(result_of([point, failed({"a": float("nan")}), replace(point, values={"a": 2.0})]))
    assert figure.axes[0].get_xlim() == (1, 2)
    with pytest.raises(UsageError, match="no points to draw"):
        draw_sweep(replace(result_of([point]), points=()))


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("a", "$a$"),
        ("V0", "$V_{0}$"),
        ("m_well", "$m_{well}$"),
        ("omega", r"$\omega$"),
        ("width", "width"),
        ("ħ", "ħ"),
    ],
)
def test_names_as_in_formulas(name: str, label: str) -> None:
    assert symbol(name) == label
