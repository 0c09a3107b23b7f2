"""The part of an explanation that is about fitting: methods, loss, and the checks afterwards."""

from __future__ import annotations

from collections.abc import Iterator

from qdsl.physics.problem import Bloch, Decay, Problem
from qdsl.physics.training import (
    Adam,
    Energy,
    FixedEnergy,
    Gradient,
    LevenbergMarquardt,
    Optimizer,
    Points,
    Ritz,
    TrainableEnergy,
)
from qdsl.report.notation import latex as latex_of
from qdsl.report.notation import plain as plain_of
from qdsl.report.numbers import magnitude, significant
from qdsl.report.writer import PSI, Writer


def how_it_is_fitted(problem: Problem, w: Writer) -> None:
    """The methods in their order, the terms of the loss, and what their weights are for."""
    training = problem.training
    w.section("How it is fitted")
    for step, method in enumerate(training.method):
        if step:
            w.paragraph("Then:")
        if isinstance(method, Ritz):
            _ritz(method, w)
        elif isinstance(method, LevenbergMarquardt):
            _lm(method, w)
        elif isinstance(method, Gradient):
            _gradient(problem, step == 0, w)
    w.paragraph(
        f"The goal is a relative error of {magnitude(training.goal)} in the energies. "
        f"Random numbers start from seed {training.seed}."
    )
    w.section("The loss")
    w.paragraph("The named terms, integrated by quadrature over all pieces, are")
    weights = training.weights
    nothing = w.math("ψ = 0", r"\psi = 0")
    undivided = "raw_residual" in weights
    for plain, latex in _terms(problem, undivided):
        w.formula(plain, latex)
    if undivided:
        w.paragraph(
            "The residual is not divided by the norm, as in arXiv:2504.05367. Where the energy starts far "
            f"from a level the smallest loss is then at {nothing}."
        )
    else:
        w.paragraph(f"Divided by the norm, the residual has no minimum at {nothing}.")
    if any(isinstance(method, Gradient) for method in training.method):
        terms = " + ".join(
            f"{significant(weight)}·{name}" if weight != 1 else name for name, weight in weights.items()
        )
        own = ", the residual in units of the least kinetic energy of the first states"
        unit = own if training.own_units else ""
        w.paragraph(f"Gradient descent minimises {w.words(terms)}{unit}.")
    else:
        w.paragraph("They are reported for each state, whatever the method.")


def what_is_checked(problem: Problem, w: Writer) -> None:
    """The evidence that comes with each state."""
    norm = w.math("‖(H - E)ψ‖", r"\lVert (H - E)\psi \rVert")
    energy, psi = w.math("E", "E"), w.math("ψ", PSI)
    w.section("What is checked afterwards")
    w.item(
        f"Bound: an exact level lies within {norm} of {energy}. The norm is taken on a finer quadrature than "
        "the one that the fit used. Where the levels can be enclosed, by Rayleigh and Ritz from above and by "
        "Lehmann from below, the bound is of second order in it and holds for the level of that number."
    )
    if isinstance(problem.boundary, Bloch):
        w.item(
            f"Index: the nodes of {psi} do not count its level here; Hill's discriminant does, which is the "
            f"trace of the matrix that carries {psi} and its flux through the cell. It must find as many "
            "levels below as the number says; degenerate pairs are counted together."
        )
    else:
        w.item(
            "Index: as many levels as the number says are proven to lie below, by counting in problems with "
            f"piecewise constant coefficients that enclose this one; or {psi} has as many nodes (Sturm's "
            "oscillation theorem), and the bound leaves no other level."
        )
    w.item(
        "Reference: a solver that shares no numerics with the trial function (spectral elements, at two "
        "resolutions) finds each energy again."
    )
    if any(isinstance(end, Decay) for end in problem.ends or ()):
        free = w.math("ψ' = 0", rf"{PSI}' = 0")
        w.item(
            "Cut: the reference cuts the line by a rule of its own, and solves with walls and with free ends "
            f"({free}) there. Where a wanted state is classically forbidden everywhere outside, its level on "
            "the whole line lies between the two."
        )
    for expectation in problem.expect:
        w.item(f"Expectation from the file: {w.words(expectation.text)}.")


def _ritz(method: Ritz, w: Writer) -> None:
    size = (
        "Pieces are cut where the residual is until its estimated errors meet the tolerance and, where it is "
        "the only method, further until the proven bounds do or rounding is in the way."
        if method.features is None
        else f"There are {method.features} features on each piece."
    )
    quotient = w.math("⟨ψ|H|ψ⟩/⟨ψ|ψ⟩", r"\langle\psi|H|\psi\rangle/\langle\psi|\psi\rangle")
    w.paragraph(
        "Method ritz: the hidden layer is drawn at random once. Among all trial functions with these "
        f"features the energy {quotient} is stationary at the solutions of a symmetric matrix eigenproblem, "
        "which gives all wanted states at once, in order. It is a Rayleigh-Ritz method on random neural "
        "features, not gradient training, and can neither collapse to zero nor skip a state that its "
        f"features can represent. {size}"
    )


def _lm(method: LevenbergMarquardt, w: Writer) -> None:
    w.paragraph(
        f"Method lm: up to {method.steps} Levenberg-Marquardt steps on the residual at the quadrature points "
        "move the hidden layer as well."
    )


def _gradient(problem: Problem, first: bool, w: Writer) -> None:
    training = problem.training
    network = "one network a piece"
    if training.network is not None:
        layers = " and ".join(map(str, training.network.hidden))
        network += f", with hidden layers of {layers} {w.words(training.network.activation)} units,"
    energy = training.energy
    if isinstance(energy, FixedEnergy):
        role = f"the energy is held at {significant(energy.value)}"
    elif energy.start is not None:
        role = f"the energy is an unknown, too, and starts at {significant(energy.start)}"
    else:
        role = "the energy is an unknown, too, and starts at the Rayleigh quotient"
    w.paragraph(
        f"Method gradient: {network} is trained by gradient descent on the loss; {role}. "
        f"The residual is taken at {_points(training.points)}. The optimizer is "
        f"{', then '.join(map(_optimizer, training.optimizer))}."
    )
    _start(energy, first, w)
    if len(problem.states) > 1 and energy == TrainableEnergy(None):
        w.paragraph(
            "At the end the trained states are recombined so that the energy is stationary in their span "
            "(Rayleigh-Ritz): the residual hardly tells neighbouring levels from their mixtures."
        )


def _start(energy: Energy, first: bool, w: Writer) -> None:
    """What training begins with: the method before, random numbers, or vectors of a small eigenproblem."""
    if not first:
        w.paragraph("It starts from the states and the network that the method before has found.")
    elif energy == TrainableEnergy(None):
        w.paragraph(
            "The hidden layers start at random numbers. The output weights and the values at the ends of the "
            "pieces start from a symmetric matrix eigenproblem (Rayleigh-Ritz) over cubics and the two "
            "leading combinations of the untrained features on each piece, so that each state is trained "
            "from near itself, and not from where the nearest level is another."
        )
    else:
        w.paragraph("All weights start at random numbers, as in arXiv:2504.05367, because the energy is set.")


def _points(points: Points) -> str:
    where = "Gauss points on each piece" if points.name == "gauss" else f"{points.name} points in all"
    return f"{points.count} {where}"


def _optimizer(optimizer: Optimizer) -> str:
    if isinstance(optimizer, Adam):
        return f"Adam ({optimizer.steps} steps at rate {significant(optimizer.rate)})"
    return f"L-BFGS ({optimizer.steps} steps)"


def _terms(problem: Problem, undivided: bool) -> Iterator[tuple[str, str]]:
    """The definitions of the named terms, in the coordinate of the problem; a weight w = 1 does not show."""
    x, latex_x = plain_of(problem.coordinate), latex_of(problem.coordinate)
    weight, over, latex_weight = ("", "", "") if problem.w == 1 else ("w ", "/w", r"w\,")
    residual, latex_residual = (
        f"∫ |Hψ - E {weight}ψ|²{over} d{x}",
        (rf"\int |H\psi - E\,{latex_weight}\psi|^2{over}\,d{latex_x}"),
    )
    bloch = isinstance(problem.boundary, Bloch)
    square, latex_square = ("|ψ|²", r"|\psi|^2") if bloch else ("ψ²", r"\psi^2")
    overlap, latex_overlap = (
        (f"|∫ {weight}ψₖ* ψ d{x}|²", rf"\Bigl|\int {latex_weight}\psi_k^*\,\psi\,d{latex_x}\Bigr|^2")
        if bloch
        else (f"(∫ {weight}ψ ψₖ d{x})²", rf"\Bigl(\int {latex_weight}\psi\,\psi_k\,d{latex_x}\Bigr)^2")
    )
    norm, latex_norm = f"∫ {weight}{square} d{x}", rf"\int {latex_weight}{latex_square}\,d{latex_x}"
    if undivided:
        yield f"raw_residual = {residual}", rf"\text{{raw\_residual}} = {latex_residual}"
    else:
        yield f"residual = {residual} / {norm}", rf"\text{{residual}} = {latex_residual} \Big/ {latex_norm}"
    yield f"norm = ({norm} - 1)²", rf"\text{{norm}} = \Bigl({latex_norm} - 1\Bigr)^2"
    if len(problem.states) > 1:
        yield (
            f"orthogonality = Σₖ {overlap}  over the lower states k",
            rf"\text{{orthogonality}} = \sum_k {latex_overlap} "
            r"\quad\text{over the lower states } k",
        )
