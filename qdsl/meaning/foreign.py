"""Names that people bring along from textbooks and from other languages, and how they are said here."""

from __future__ import annotations

import re
from collections.abc import Container

_INFINITY = "infinity is written inf"
_IMAGINARY = "there is no imaginary unit: potentials and conditions are real"
_DERIVATIVE = "a derivative is written with a prime: psi', psi''"
_CASES = "cases are written in braces: { 0 if |x| < 1; 20 otherwise }"
_STEP = "a step is written heaviside(x), or with cases: { 0 if x < 0; 1 otherwise }"
_NO_CONSTANT = "without units the equation is -psi'' + V*psi = E*psi, with no constants; write units eV, nm"

NAMES: dict[str, str] = {
    "e": "the exponential is written exp(…)",
    "oo": _INFINITY,
    "Inf": _INFINITY,
    "INF": _INFINITY,
    "infty": _INFINITY,
    "infinity": _INFINITY,
    "Infinity": _INFINITY,
    "i": _IMAGINARY,
    "j": _IMAGINARY,
    "I": _IMAGINARY,
    "dpsi": _DERIVATIVE,
    "d2psi": _DERIVATIVE,
    "ddpsi": _DERIVATIVE,
    "dx": _DERIVATIVE,
    "dx2": _DERIVATIVE,
    "d": _DERIVATIVE,
    "d2": _DERIVATIVE,
    "true": "a case for all the rest is written: 0 otherwise",
    "True": "a case for all the rest is written: 0 otherwise",
    "else": "the last case is written: 0 otherwise",
}

EIGENVALUES = ("lambda", "lam", "λ", "mu", "μ", "eps", "epsilon", "ε")
"""What textbooks call E in an equation."""

CONSTANTS_OF_NATURE: dict[str, str] = dict.fromkeys(
    ("hbar", "m_e", "m_p", "q_e", "k_B", "c", "a_0", "epsilon_0"), _NO_CONSTANT
)

CONSTANTS_WITH_UNITS: dict[str, str] = {
    "c": "the speed of light is c_0",
    "h": "Planck's constant is 2*pi*hbar",
    "e": "the elementary charge is q_e, the exponential is exp(…)",
    "kB": "Boltzmann's constant is k_B",
    "eps0": "the permittivity of the vacuum is epsilon_0",
    "m0": "the mass of the electron is m_e",
}

FUNCTIONS: dict[str, str] = {
    "ln": "the natural logarithm is written log(…)",
    "log10": "log is the natural logarithm: log(…)/log(10)",
    "log2": "log is the natural logarithm: log(…)/log(2)",
    "arcsin": "it is written asin(…)",
    "arccos": "it is written acos(…)",
    "arctan": "it is written atan(…)",
    "tg": "it is written tan(…)",
    "sec": "write 1/cos(…)",
    "csc": "write 1/sin(…)",
    "cot": "write 1/tan(…)",
    "sech": "write 1/cosh(…)",
    "csch": "write 1/sinh(…)",
    "coth": "write 1/tanh(…)",
    "sh": "it is written sinh(…)",
    "ch": "it is written cosh(…)",
    "th": "it is written tanh(…)",
    "sgn": "it is written sign(…)",
    "signum": "it is written sign(…)",
    "fabs": "it is written abs(…), or |…|",
    "mod": "there is no remainder; cos(2*pi*x) is periodic",
    "pow": "a power is written x^2",
    "sqr": "a square is written x^2, a square root sqrt(x)",
    "root": "a square root is written sqrt(…), a cube root cbrt(…)",
    "theta": _STEP,
    "θ": _STEP,
    "Θ": _STEP,
    "Theta": _STEP,
    "H": _STEP,
    "step": _STEP,
    "unitstep": _STEP,
    "δ": "a point interaction is written delta(x - c)",
    "dirac": "a point interaction is written delta(x - c)",
    "DiracDelta": "a point interaction is written delta(x - c)",
    "piecewise": _CASES,
    "Piecewise": _CASES,
    "where": _CASES,
    "when": _CASES,
    "diff": _DERIVATIVE,
    "D": _DERIVATIVE,
    "d": _DERIVATIVE,
    "dx": _DERIVATIVE,
    "dx2": _DERIVATIVE,
    "Derivative": _DERIVATIVE,
}


MOMENTUM = (
    "means are those of functions of the coordinate, not of the momentum",
    "the kinetic energy of state 0 is E[0] - mean(V(x), 0)",
)

_QUOTIENT = re.compile(
    r"\(?\bd\s?(?:\^\s?2|²)?\s?(?:psi|ψ)?(?:\(\w+\))?\s?/\s?d\s?\w(?:\s?\^\s?2|²|2)?\)?(?:\s?\*?\s?(?:psi|ψ))?"
    r"|\bd2?(?:psi|ψ)\s?/\s?d\w+"
)


def derivative(text: str, known: Container[str]) -> tuple[int, int] | None:
    """Where a text holds a derivative as a quotient, such as d^2psi/dx^2, from where to where.

    `known` are the names of the file: with a parameter d, d/d0 is a ratio.
    """
    found = _QUOTIENT.search(text) if len(text) <= 1000 else None
    if found is None or any(word in known for word in re.findall(r"[^\W\d]\w*", found[0]) if word[0] == "d"):
        return None
    return found.span()


def answer(name: str) -> str:
    """How a quantity is written that textbooks call `E1`, `psi_0`, `energies`; or nothing."""
    numbered = re.fullmatch(r"(E|psi|ψ)_?([0-9]{1,3})", name)
    if numbered:
        return f"write E[{numbered[2]}]" if numbered[1] == "E" else f"write psi[{numbered[2]}](x)"
    return _ANSWERS.get("prob" if name == "P" else name.casefold(), "")


_ANSWERS = {
    **dict.fromkeys(("energy", "energies", "levels", "eigenvalues", "eigenvalue"), "write E[0], E[1], …"),
    **dict.fromkeys(("all", "everything"), "write what is wanted: E[0], mean(x, 0), …"),
    **dict.fromkeys(("prob", "density"), "write probability(0, -1, 1)"),
    **dict.fromkeys(("gap", "spacing"), "write E[1] - E[0]"),
    **dict.fromkeys(("expectation", "average", "avg", "expect"), "write mean(x^2, 0)"),
    **dict.fromkeys(
        ("integral", "integrate", "int"), "write mean(f, n), element(m, f, n) or probability(n, a, b)"
    ),
    **dict.fromkeys(("overlap", "dipole", "matrix"), "write element(0, x, 1)"),
}
