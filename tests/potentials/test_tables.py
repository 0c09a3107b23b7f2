"""`table`: the interpolant of Floater and Hormann, its numpy and torch forms, and the files it reads."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import mpmath as mp
import numpy as np
import pytest
import sympy as sp
import torch

import qdsl
from qdsl.errors import QdslError
from qdsl.physics import numeric
from qdsl.physics.interpolant import Interpolant, Samples
from qdsl.pinn.compile import compile_expressions
from qdsl.potentials import tables
from qdsl.potentials.tables import read_table
from qdsl.verify import Index

x = sp.Symbol("x", real=True)


def through(nodes: np.ndarray, values: np.ndarray, degree: int = 3) -> sp.Expr:
    samples = Samples(tuple(map(float, nodes)), tuple(map(float, values)), degree, "data")
    return Interpolant(x, samples, sp.Integer(0))


def at(expression: sp.Expr, points: np.ndarray) -> np.ndarray:
    return numeric.evaluate(expression, {x: points})


def bell(points: np.ndarray) -> np.ndarray:
    return np.exp(-(points**2)) * np.sin(2 * points)


def test_it_goes_through_the_points():
    random = np.random.default_rng(1)
    nodes, values = np.sort(random.uniform(-2, 5, 30)), random.normal(size=30)
    np.testing.assert_array_equal(at(through(nodes, values), nodes), values)


@pytest.mark.parametrize("degree", range(7))
def test_polynomials_up_to_the_degree_are_reproduced(degree: int):
    random = np.random.default_rng(degree)
    nodes = np.sort(random.uniform(-1, 1, 12))
    polynomial = np.polynomial.Polynomial(random.normal(size=degree + 1))
    inside = np.linspace(nodes[0], nodes[-1], 101)
    found = through(nodes, polynomial(nodes), degree)
    np.testing.assert_allclose(at(found, inside), polynomial(inside), atol=1e-12)
    if degree:
        np.testing.assert_allclose(at(sp.diff(found, x), inside), polynomial.deriv()(inside), atol=1e-10)


@pytest.mark.parametrize("degree", [1, 2, 3, 4])
def test_the_error_is_of_order_h_to_the_degree_plus_1(degree: int):
    points = np.linspace(-2, 2, 1501)
    errors = []
    for count in (41, 81, 161):
        nodes = np.linspace(-2, 2, count)
        errors.append(np.abs(at(through(nodes, bell(nodes), degree), points) - bell(points)).max())
    orders = np.log2(np.array(errors[:-1]) / np.array(errors[1:]))
    assert (np.abs(orders - (degree + 1)) < 0.6).all()


def test_there_are_no_poles_however_wild_the_nodes_are():
    random = np.random.default_rng(5)
    for _ in range(20):
        nodes = np.cumsum(10.0 ** random.uniform(-3, 1, 15))
        points = np.concatenate([np.linspace(a, b, 50) for a, b in pairwise(nodes)])
        values = at(through(nodes, np.ones(15)), np.minimum(points, nodes[-1]))
        np.testing.assert_allclose(values, 1, rtol=1e-12)
        assert np.isfinite(at(through(nodes, random.normal(size=15)), np.minimum(points, nodes[-1]))).all()


def test_derivatives_agree_with_high_precision_close_to_nodes_and_away():
    nodes = np.linspace(-1, 1, 9)
    found = through(nodes, bell(nodes))
    _, values, weights = found.args[1].arrays

    def exact(point: mp.mpf) -> mp.mpf:
        terms = [mp.mpf(float(w)) / (point - mp.mpf(float(n))) for w, n in zip(weights, nodes, strict=True)]
        top = sum(t * mp.mpf(float(v)) for t, v in zip(terms, values, strict=True))
        return top / sum(terms)

    with mp.workdps(60):
        for point in (0.3, -0.77, 0.25 + 1e-9, 0.5 - 1e-13, -0.999):
            for order in (0, 1, 2, 3):
                wanted = float(mp.diff(exact, mp.mpf(point), order, h=mp.mpf("1e-16"), relative=False))
                assert at(sp.diff(found, x, order), np.array(point)) == pytest.approx(
                    wanted, rel=1e-11, abs=1e-10
                )


def test_torch_and_its_derivatives_agree_with_numpy():
    nodes = np.linspace(-3, 3, 31)
    found = through(nodes, bell(nodes)) ** 2 + through(nodes, np.cos(nodes), 4)
    points = np.sort(np.concatenate([np.linspace(-3, 3, 401), nodes, nodes[:-1] + 1e-10]))
    here = torch.tensor(points, dtype=torch.float64, requires_grad=True)
    (value,) = compile_expressions((found,))({x: here}, here)
    (slope,) = torch.autograd.grad(value.sum(), here, create_graph=True)
    (curvature,) = torch.autograd.grad(slope.sum(), here)
    for order, tensor in enumerate((value, slope, curvature)):
        symbolic = sp.diff(found, x, order)
        np.testing.assert_allclose(tensor.detach().numpy(), at(symbolic, points), rtol=1e-10, atol=1e-10)
        (compiled,) = compile_expressions((symbolic,))({x: here.detach()}, here.detach())
        np.testing.assert_allclose(compiled.numpy(), at(symbolic, points), rtol=1e-11, atol=1e-11)


def test_outside_there_is_no_value():
    found = through(np.linspace(0, 1, 5), np.zeros(5))
    assert np.isnan(at(found, np.array([-1e-3, 1.001]))).all()
    points = torch.tensor([-1e-3, 1.001], dtype=torch.float64)
    (value,) = compile_expressions((found,))({x: points}, points)
    assert value.isnan().all()


def test_equal_data_are_equal_expressions():
    nodes, values = np.linspace(0, 1, 5), np.arange(5.0)
    assert through(nodes, values) == through(nodes, values)
    assert hash(through(nodes, values)) == hash(through(nodes, values))
    assert through(nodes, values) != through(nodes, values + 1)
    assert through(nodes, values) != through(nodes, values, 2)


# Files ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "0,1\n1,2\n2,4\n3,8\n",
        "0;1\n1;2\n2;4\n3;8",
        "0\t1\r\n1\t2\r\n2\t4\r\n3\t8\r\n",
        "  0   1\n\n  1.0 2e0\n  2.  4 # four\n 3 +8\n",
        "# made by hand\n# x, V\nx, V\n0, 1\n1, 2\n2, 4\n3, 8\n",
        "\ufeffx;V in eV\n0;1\n1;2\n2;4\n3;0.8D1\n",
    ],
)
def test_forms_of_a_table(tmp_path: Path, text: str):
    path = tmp_path / "data.csv"
    path.write_bytes(text.encode())
    assert read_table(path) == ((0, 1, 2, 3), (1, 2, 4, 8))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "this table is empty"),
        (b"x,V\n", "this table is empty"),
        (b"x,V\nposition,energy\n0,1\n", "'position' is not a number"),
        (b"0,1\n1,inf\n2,3\n3,4\n", "'inf' is not a finite number"),
        (b"0,1\n1,1e999\n2,3\n3,4\n", "'1e999' is not a finite number"),
        (b"0\n1\n2\n3\n", "this row has 1 column, not 2"),
        (b"0;1,5\n1;2,5\n2;3,5\n3;4,5\n", "'1,5' is not a number"),
        (b"0,1\n\xff\xfe,2\n", "is no text: byte 4 is not UTF-8"),
        (b"0,1\n\0\n", "is no text: byte 4 is zero"),
        (b"0,1,\n1,2,\n2,3,\n3,4,\n", "this row has 3 columns, not 2"),
        (b"0,0x10\n", "'0x10' is not a number"),
        (b"0,1_000\n", "'1_000' is not a number"),
    ],
)
def test_wrong_tables(tmp_path: Path, data: bytes, message: str):
    path = tmp_path / "data.csv"
    path.write_bytes(data)
    with pytest.raises(QdslError) as caught:
        read_table(path)
    assert message in caught.value.diagnostics[0].message


def test_tables_are_limited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "data.csv"
    path.write_text("".join(f"{i},0\n" for i in range(tables.ROWS + 1)))
    with pytest.raises(QdslError, match="more than 2,000 rows"):
        read_table(path)
    monkeypatch.setattr(tables, "SIZE", 1000)
    with pytest.raises(QdslError, match="bigger than 1,000 bytes"):
        read_table(path)


@pytest.mark.parametrize("path", ["../data.csv", "/etc/passwd.csv", "link.csv", "problem.qw"])
def test_no_table_is_read_from_elsewhere(tmp_path: Path, path: str):
    folder = tmp_path / "own"
    folder.mkdir()
    (tmp_path / "data.csv").write_text("0,1234\n1,2\n2,3\n3,4\n")
    (folder / "link.csv").symlink_to(tmp_path / "data.csv")
    problem = folder / "problem.qw"
    problem.write_text(f'domain x in [0, 1]\npotential V(x) = table(x, "{path}")\n')
    with pytest.raises(QdslError) as caught:
        qdsl.load(problem)
    assert "1234" not in str(caught.value)


# Problems ---------------------------------------------------------------------------------------------


def tabulated(folder: Path, count: int) -> qdsl.Problem:
    """The Morse oscillator of depth 18 and width 1 on [-1, 4], from a table."""
    nodes = np.linspace(-1, 4, count)
    rows = (f"{a!r};{18 * (1 - np.exp(-a)) ** 2!r}\n" for a in nodes.tolist())
    (folder / "morse.csv").write_text(
        "".join(rows).replace("np.float64", "").replace("(", "").replace(")", "")
    )
    problem = folder / "morse.qw"
    problem.write_text('domain x in [-1, 4]\npotential V(x) = table(x, "morse.csv")\nfind states 0..2\n')
    return qdsl.load(problem)


def test_energies_converge_to_those_of_the_curve_with_the_number_of_rows(tmp_path: Path):
    exact = qdsl.solve(
        qdsl.parse("domain x in [-1, 4]\npotential V(x) = morse(x, 18, 1)\nfind states 0..2")
    ).energies
    errors = []
    for count in (21, 41, 81):
        solution = qdsl.solve(tabulated(tmp_path, count))
        assert solution.status == "certified"
        assert solution.converged
        errors.append(np.abs(solution.energies - exact).max())
    assert errors[0] < 1e-4
    assert errors[1] < errors[0] / 10
    assert errors[2] < errors[1] / 10


def test_beyond_the_table_cases_say_what_holds(tmp_path: Path):
    (tmp_path / "well.csv").write_text("".join(f"{a},{a * a}\n" for a in range(-3, 4)))
    problem = tmp_path / "problem.qw"
    problem.write_text(
        "domain x in (-inf, inf)\nfind states 0..1\n"
        'potential V(x) = { table(x, "well.csv") if |x| <= 3; 9 otherwise }\n'
    )
    loaded = qdsl.load(problem)
    pieces = qdsl.solve(loaded)
    direct = qdsl.solve(
        qdsl.parse(
            "domain x in (-inf, inf)\nfind states 0..1\npotential V(x) = { x^2 if |x| <= 3; 9 otherwise }"
        )
    )
    assert pieces.energies == pytest.approx(direct.energies, rel=1e-10)


def test_levels_of_a_table_are_counted_with_proof(examples):
    solution = qdsl.solve(qdsl.load(examples / "measured_potential.qw"))
    assert solution.certificate.index == (Index.PROVEN,) * 4
