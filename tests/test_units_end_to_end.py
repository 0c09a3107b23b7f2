"""The GaAs well in four unit systems: the same energies, dipole moments and bounds."""

import functools

import pytest

import qdsl
from qdsl.meaning.unit_names import unit

WELL = """units {units}
param L    = 6 nm
param V0   = 230 meV
param m_w  = 0.067 m_e
param F    = {field} kV/cm

define layer(x, inside, outside) = {{ inside if |x| < L/2; outside otherwise }}

domain x in [{left}, {right}]
mass = m_w
potential V(x) = layer(x, 0, V0) + q_e*F*x
find states 0..1
report E[1] - E[0], element(0, x, 1), psi[0](1 nm)^2, mean(V(x), 0)
"""


@functools.cache
def solved(units: str, field: int) -> qdsl.Solution:
    left, right = ("-20 nm", "20 nm") if field else ("-inf", "inf")
    return qdsl.solve(qdsl.parse(WELL.format(units=units, field=field, left=left, right=right)))


def in_ev_and_nm(solution: qdsl.Solution) -> list[float]:
    energy = float(unit(solution.problem.units.energy).size / unit("eV").size)
    length = float(unit(solution.problem.units.length).size / unit("nm").size)
    gap, dipole, density, potential = solution.report.values()
    return [*(float(e) * energy for e in solution.energies), gap * energy, abs(dipole) * length,
            density / length, potential * energy]  # fmt: skip


@pytest.mark.parametrize("field", [0, 50])
@pytest.mark.parametrize("units", ["meV, nm", "meV, angstrom", "atomic", "J, m"])
def test_the_well_is_the_same_in_all_units(units, field):
    found, wanted = solved(units, field), solved("eV, nm", field)
    assert in_ev_and_nm(found) == pytest.approx(in_ev_and_nm(wanted), rel=1e-10)
    assert found.status == wanted.status == "certified"
    assert found.converged
    assert wanted.converged
