"""Random files that mostly are sound problems: names are declared, functions get what they take, units fit.

Everything is built from u = x/a, which is a pure number in every unit system, and from energies times
pure functions of it; so there is no dimension to get wrong, and little that is not finite.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

FUNCTIONS = ["sin", "cos", "tanh", "atan", "erf", "cbrt", "abs", "heaviside", "sign"]
FIND = ["find states 0..2", "find state 1", "find states 0..s*0", "find states below 3*V0"]
SWEEPS = ["sweep s = 0 .. 2 in 5 points", "sweep s = [0, 1/2, 2]", "sweep s = 0 .. 1 step 0.25"]
CALLS = ["harmonic(x, k = V0/a^2)", "finite_well(x, depth = V0, width = a)", "V0*f(x/a)"]
SETTINGS = ["method = ritz", "tolerance = 1e-7", "seed = 3", "method = ritz then lm(steps = 5)"]


@dataclass(frozen=True)
class Units:
    """A unit system, and how a length, an energy and a mass are written in it."""

    statement: str
    length: str = ""
    energy: str = ""
    mass: str = ""


SYSTEMS = [
    Units(""),
    Units(""),
    Units("units dimensionless"),
    Units("units atomic"),
    Units("units atomic", " bohr", " hartree", " m_e"),
    Units("units meV, nm", " nm", " meV", " m_e"),
    Units("units eV, angstrom", " angstrom", " eV", " m_e"),
]


def sound_file(rng: random.Random) -> str:
    """The text of one file."""
    units = rng.choice(SYSTEMS)
    lines = [units.statement] if units.statement else []
    if rng.random() < 0.5:
        lines.insert(0, f'title "Problem {rng.randrange(100)}"')
    lines += [
        f"param a = {_number(rng, 1, 4)}{units.length}" + rng.choice(["", ' "a length"']),
        f"param V0 = {_number(rng, 1, 30)}{units.energy}" + rng.choice(["", ' "an energy"']),
        f"param s = {_number(rng, 0, 2)} in [0, 10]",
        f"define f(t, c = {_number(rng, 1, 3)}) = {_pure(rng, 't', 2, ['c'])}",
    ]
    infinite = rng.random() < 0.35
    left = rng.choice(["-3*a", "-a", "0*a", "a/2"])
    ends = rng.choice(["(-inf, inf)", f"[{left}, inf)"]) if infinite else f"[{left}, {rng.choice('234')}*a]"
    lines.append(f"domain x in {ends}")
    if not (units.length or infinite) and rng.random() < 0.25:
        p, q, w = (_pure(rng, "(x/a)", 2, ["s"]) for _ in range(3))
        lines.append(f"equation -((1 + ({p})^2)*psi')' + ({q})*psi = E*(1 + ({w})^2)*psi")
    else:
        if rng.random() < 0.3:
            lines.append(_mass(rng, units))
        lines.append(f"potential V(x) = {_potential(rng, infinite)}")
    if rng.random() < 0.5 and not infinite:
        low, high = ends[1:-1].split(", ")
        lines.append(f"boundary {_conditions(rng, low, high)}")
    lines.append(rng.choice(FIND))
    if rng.random() < 0.4:
        lines.append(f"report {', '.join(rng.sample(_quantities(lines[-1]), 2))}")
    if rng.random() < 0.3:
        lines.append(f"train {{ {rng.choice(SETTINGS)} }}")
    if rng.random() < 0.3:
        lines.append(
            rng.choice(
                ["sweep s = 0 .. 2 in 5 points", "sweep s = [0, 1/2, 2]", "sweep s = 0 .. 1 step 0.25"]
            )
        )
    return "\n".join(lines) + "\n"


def _number(rng: random.Random, low: int, high: int) -> str:
    return rng.choice(
        [str(rng.randint(low, high)), f"{rng.uniform(low, high):.3g}", f"{rng.randint(low, high)}.5"]
    )


def _pure(rng: random.Random, u: str, depth: int, names: list[str]) -> str:
    """A pure number that depends on the pure number u, real and finite wherever u is."""
    if depth == 0:
        return rng.choice([u, u, _number(rng, 1, 3), *names])
    a, b = (_pure(rng, u, depth - 1, names) for _ in range(2))
    match rng.randrange(10):
        case 0 | 1:
            return f"{a} {rng.choice('+-')} {b}"
        case 2:
            return f"({a})*({b})"
        case 3:
            return f"({a})/(1 + ({b})^2)"
        case 4 | 5:
            return f"{rng.choice(FUNCTIONS)}({a})"
        case 6:
            return f"exp(-({a})^2)"
        case 7:
            return rng.choice([f"|{a}|", f"sqrt(1 + ({a})^2)", f"log(2 + ({a})^2)"])
        case 8:
            return f"{rng.choice(['min', 'max'])}({a}, {b})"
        case _:
            edge = _number(rng, 0, 2)
            return (
                f"{{ {a} if {rng.choice(['', '-2 < '])}{u} {rng.choice(['<', '<='])} {edge}; {b} otherwise }}"
            )


def _potential(rng: random.Random, infinite: bool) -> str:
    """An energy; on an infinite domain one that confines."""
    u = rng.choice(["x/a", "(x/a)", "(x - a/3)/a", "(x/a)"])
    u = u if u.startswith("(") and u.endswith(")") else f"({u})"
    if infinite:
        confining = rng.choice([f"V0*{u}^2", f"V0*|{u}|", "harmonic(x, k = V0/a^2)", f"V0*{u}^4"])
        return f"{confining} + V0*exp(-{u}^2)*{_factor(rng, u)}"
    parts = [f"V0*{_factor(rng, u)}"]
    if rng.random() < 0.3:
        parts.append(rng.choice(CALLS))
    if rng.random() < 0.2:
        parts.append(f"{rng.choice(['', '2*', 's*'])}V0*a*delta(x - a*{_number(rng, 1, 1)})")
    return rng.choice([" + ", " - "]).join(parts)


def _factor(rng: random.Random, u: str) -> str:
    return f"({_pure(rng, u, rng.choice([1, 2, 3]), ['s', f'f({u})', f'f({u}, c = s)'])})"


def _mass(rng: random.Random, units: Units) -> str:
    light, heavy = (f"{number}{units.mass}" for number in ("0.067", "1"))
    layers = f"mass m(x) = {{ {light} if |x| < a; {heavy} otherwise }}"
    return rng.choice([f"mass = {light}", f"mass m(x) = {heavy}", layers])


def _conditions(rng: random.Random, low: str, high: str) -> str:
    left = rng.choice([f"psi({low}) = 0", f"psi'({low}) = 0", f"psi'({low}) = 2/a*psi({low})"])
    right = rng.choice([f"psi({high}) = 0", f"psi'({high}) = 0", f"a*psi'({high}) + s*psi({high}) = 0"])
    return rng.choice([left, f"{left}, {right}", f"{left}, {right}", "periodic", "bloch(s/a)"])


def _quantities(find: str) -> list[str]:
    n = "1" if find == "find state 1" else "0"
    return [f"E[{n}]", f"mean(x, {n})", f"mean(x^2, {n})/a^2", f"nodes({n})", f"psi[{n}](a)^2", f"E[{n}]/V0"]
