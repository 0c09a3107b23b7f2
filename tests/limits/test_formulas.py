"""Formulas, definitions and requests that would grow without end: each is refused, and soon."""

from __future__ import annotations

import pytest

from qdsl import parse
from qdsl.errors import QdslError

DOMAIN = "domain x in [0, 1]\n"
BOX = DOMAIN + "potential V(x) = 0\n"


def chain(first: str, following: str, count: int) -> str:
    """A definition, and many that use the one before: {n} is the number of each, {p} that before."""
    return first + "".join(following.format(n=n, p=n - 1) + "\n" for n in range(1, count))


def potential(formula: str, before: str = "", domain: str = DOMAIN) -> str:
    return f"{before}{domain}potential V(x) = {formula}\n"


def product(count: int, names: str = "x+{}") -> str:
    return "*".join(f"({names.format(n)})" for n in range(1, count))


PARAMETERS = "".join(f"param a{n} = {n}\n" for n in range(40))
SUMS = product(40, "a{}+1")
LINE = "domain x in (-inf, inf)\n"
DEEP, LARGE = "this is nested too deeply", "more than 5000 operations"

FORMULAS = {
    "brackets": (potential("(" * 101 + "x" + ")" * 101), "brackets are nested more than 100 deep"),
    "functions": (potential("sin(" * 90 + "x" + ")" * 90), DEEP),
    "signs": (potential("- " * 190 + "x"), DEEP),
    "not": (potential("{ 0 if " + "not " * 250 + "x < 1; 1 otherwise }"), "more than 200 operations"),
    "cases": (potential("{ " * 60 + "x" + " if x < 1/2; 0 otherwise }" * 60), DEEP),
    "powers": (potential("^".join(["x"] * 150)), DEEP),
    "roots": (potential("cbrt(" * 40 + "x" + ")" * 40), LARGE),
    "sums": (potential(" + ".join(["x"] * 300)), "more than 200 operations inside one another"),
    "branches": (
        potential("{" + "".join(f"{n} if x < {n}/3000; " for n in range(1300)) + "0 otherwise}"),
        LARGE,
    ),
    "tower": (potential("9^9^9^9*x"), "9^9^9 is too large a number"),
    "power of ten": (potential("10^1000000*x"), "10^1000000 is too large a number"),
    "exponentials": (potential("exp(exp(exp(exp(1))))*x"), "is too large a number"),
    "negative power": (potential("10^-1000000*x"), "10^-1000000 is too small a number"),
    "float": (potential("1e400*x"), "this number is too large"),
    "small float": (potential("1e-400*x"), "this number is too small"),
    "integer": (potential("9" * 399 + "*x"), "this number is too large"),
    "superscript": (potential("x" + "⁹" * 300), "an exponent cannot be larger than 1000"),
    "exponent": (potential("x^1000000000"), "an exponent cannot be larger than 1000"),
    "power of power": (potential("((x+1)^1000)^1000"), "the potential is larger than any number"),
    "parameters": (chain("", "param a{n} = {n}", 600) + BOX, "names to more than 500 things"),
    "doubled values": (
        chain("param a0 = 1/2\n", "param a{n} = a{p}*a{p} + a{p}", 40) + BOX,
        "is not a finite number",
    ),
    "doubled calls": (
        potential("f39(x)", chain("define f0(x) = x\n", "define f{n}(x) = f{p}(x)*f{p}(x) + f{p}(x)", 40)),
        "more than 20000 operations",
    ),
    "composed calls": (
        potential("f39(x)", chain("define f0(x) = x*x + x\n", "define f{n}(x) = f{p}(f{p}(x))", 40)),
        LARGE,
    ),
    "doubled defaults": (
        potential(
            "f29(x)", chain("define f0(x, a = 1/2) = a*x\n", "define f{n}(x, a = f{p}(1)*f{p}(2)) = a*x", 30)
        ),
        "more than 20000 operations",
    ),
    "calls of calls": (
        potential("f89(x)", chain("define f0(x) = x\n", "define f{n}(x) = f{p}(x) + 1", 90)),
        DEEP,
    ),
    "calls of itself": (potential("f(3)", "define f(n) = n*f(n - 1)\n"), "the function 'f' uses itself"),
    "calls of each other": (
        potential("f(x)", "define f(x) = g(x)\ndefine g(x) = f(x)\n"),
        "'g' is defined further down",
    ),
    "kinks": (potential("|sin(10000*x)|"), "too many points x at which the potential is not smooth"),
    "nested kinks": (potential("|sin(1e9*x)|"), "too many points x at which"),
    "kinks that gather": (potential("|sin(1/x)|"), "too many points x at which"),
    "kinks that run away": (potential("|sin(exp(exp(5*x)))|"), "too many points x at which"),
    "poles": (potential("tan(x)", domain=LINE), "too many points x at which"),
    "poles that gather": (potential("tan(1/x)"), "too many points x at which"),
    "minimum": (
        potential(f"min({', '.join(f'x - {n}' for n in range(1000))})"),
        "too many cases, bars, minima",
    ),
    "maximum": (
        potential(f"max({', '.join(f'sin({n}*x)' for n in range(40))})"),
        "too many cases, bars, minima",
    ),
    "singular end": (potential(f"{product(60)}/x^2"), "too long to be treated there"),
    "unit": ("units meV, nm\nparam a = 3 nm^999999999\n" + BOX, "the exponent of a unit cannot be larger"),
}


@pytest.mark.parametrize("name", FORMULAS)
def test_formulas(name: str) -> None:
    text, expected = FORMULAS[name]
    with pytest.raises(QdslError) as caught:
        parse(text)
    assert expected in caught.value.diagnostics[0].message
    assert all(found.span is not None for found in caught.value.diagnostics)


LONG = "too many products to be compared"
EQUATIONS = {
    "coefficients": (f"equation {product(30)}*psi'' + x^20*psi' = E*psi", "is not self-adjoint"),
    "powers": ("equation (x+1)^999*(x+2)^999*psi'' + x*psi' = E*psi", "is not self-adjoint"),
    "fractions": ("equation (x^200 + 3*x^5 + 1)*psi'' + (x^7 + 1)*psi' = E*psi", "is not self-adjoint"),
    "names": (
        "equation (a0*x^9 + a1*x^5 + 1)*(x^8 + a2*x + a3)*psi'' + (x^7 + a4)*psi' = E*psi",
        "is not self-adjoint",
    ),
    "factors of psi": ("equation " + "*".join(["(psi + 1)"] * 60) + " = E", "not linear in psi and E"),
    "place": (f"potential V(x) = 0\nboundary psi({SUMS}) = 0", LONG),
    "condition": (f"potential V(x) = 0\nboundary {SUMS}*(psi'(0) - 2*psi(0)) = 0", LONG),
    "slope": (f"potential V(x) = 0\nboundary psi'(0) = {SUMS}*psi(0)", LONG),
}


@pytest.mark.parametrize("name", EQUATIONS)
def test_what_would_have_to_be_multiplied_out(name: str) -> None:
    statement, expected = EQUATIONS[name]
    with pytest.raises(QdslError) as caught:
        parse(PARAMETERS + DOMAIN + statement + "\n")
    assert expected in caught.value.diagnostics[0].message


REQUESTS = {
    "find states 0..1000000000": "at most 1000 states can be found",
    "find state 10^300": "at most 1000 states can be found",
    "find states 0..2^100000": "2^100000 is too large a number",
    "sweep a = 0 .. 1 step 1e-12": "this sweep has 1e+12 points",
    "sweep a = 0 .. 1e300 step 1e-5": "this sweep has 1e+305 points",
    "sweep a = 0 .. 1 in 10^300 points": "this sweep has 1e+300 points",
    "sweep a = 0 .. 1 in 200 points\nsweep b = 0 .. 1 in 200 points": "a grid of 40000 points, 200 times 200",
    f"sweep a = [{', '.join(['1'] * 12_000)}]": "a grid of 12000 points",
    "sweep a = [1]\n" * 11: "a file has at most 10 sweeps",
    "train { points = gauss(1000000000) }": "a whole number from 1 to",
    "train { method = gradient; optimizer = adam(steps = 10^18) }": "a whole number from 1 to",
    f"train {{ network = mlp(hidden = [{', '.join(['32'] * 500)}]) }}": "a list of one to ten layer sizes",
    "train { network = mlp(hidden = [1000000000]) }": "a list of one to ten layer sizes",
}


@pytest.mark.parametrize("request_", REQUESTS, ids=lambda text: text[:30])
def test_requests(request_: str) -> None:
    with pytest.raises(QdslError) as caught:
        parse(f"param a = 0\nparam b = 0\n{BOX}{request_}\n")
    assert any(REQUESTS[request_] in found.message for found in caught.value.diagnostics)


@pytest.mark.parametrize(
    "formula",
    [
        "sin(1/x)",
        "abs(" * 12 + "x" + " - 0.3)" * 12,
        "{" + "".join(f"{n % 7} if x < {n}/90; " for n in range(1, 90)) + "0 otherwise}",
        "| " + " + ".join(f"|x - {n}/20|" for n in range(18)) + " - 4|",
        "sqrt(2" + " + sqrt(3" * 20 + ")" * 21 + "*x",
        "sin(pi*" + "1" * 200 + "/" + "7" * 99 + ")*x + sqrt(10^300 + 1)*x + (10^100 + 3)^(1/7)*x",
        "x^x^x^x^x^x",
        "(x + 1)^999/2^999",
    ],
    ids=["oscillations", "bars", "cases", "sums of bars", "roots", "long numbers", "powers", "high degree"],
)
def test_much_is_sound(formula: str) -> None:
    assert parse(potential(formula)).q is not None
