"""`train { … }`: each line is a name with arguments, looked up in the registries of `training`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, Field, dataclass, fields
from types import MappingProxyType
from typing import Any

import sympy as sp

from qdsl.errors import Diagnostic, ProblemError, Span, joined
from qdsl.language import tree
from qdsl.meaning.expressions import Translator
from qdsl.meaning.scope import Scope
from qdsl.meaning.work import Work
from qdsl.physics import numeric, training
from qdsl.physics.training import Rule, Training
from qdsl.spelling import did_you_mean


@dataclass(frozen=True)
class _Reader:
    """What the values of a `train` block may use."""

    translator: Translator
    values: Mapping[sp.Symbol, float]


def read_training(
    statement: tree.Train, scope: Scope, work: Work, values: Mapping[sp.Symbol, float]
) -> Training:
    """The settings of a `train` block; those it does not mention have their defaults.

    Raises ProblemError with everything that is wrong.
    """
    reader = _Reader(Translator(scope, work), values)
    errors: list[ProblemError] = []
    found: dict[str, Any] = {}
    first: dict[str, Span] = {}
    for setting in statement.settings:
        key = setting.key.name
        try:
            if key in first:
                raise _twice(f"'{key}' is set twice", setting.key.span, first[key])
            first[key] = setting.key.span
            if key not in _SETTINGS:
                raise _unknown("setting", setting.key, tuple(_SETTINGS), _SETTINGS_ELSEWHERE)
            found[key] = _SETTINGS[key](setting, reader)
        except ProblemError as error:
            errors.append(error)
    if errors:
        raise joined(errors)
    return Training(**found)


# The settings ----------------------------------------------------------------------------------------


def _chain(registry: Sequence[type[Any]]) -> Callable[[tree.Setting, _Reader], tuple[Any, ...]]:
    """`name(…) then name(…)`."""

    def read(setting: tree.Setting, reader: _Reader) -> tuple[Any, ...]:
        if setting.weights:
            raise _no_braces(setting)
        return tuple(_entry(value, registry, setting.key.name, reader) for value in setting.values)

    return read


def _single(registry: Sequence[type[Any]]) -> Callable[[tree.Setting, _Reader], Any]:
    """One `name(…)`."""

    def read(setting: tree.Setting, reader: _Reader) -> Any:
        return _entry(_only(setting), registry, setting.key.name, reader)

    return read


def _value(rule: Rule) -> Callable[[tree.Setting, _Reader], Any]:
    """A number or a word."""

    def read(setting: tree.Setting, reader: _Reader) -> Any:
        return _accepted(_only(setting), rule, setting.key.name, reader)

    return read


def _weights(setting: tree.Setting, reader: _Reader) -> tuple[tuple[str, float], ...]:
    """`{residual: 1, norm: 1}`."""
    if not setting.weights:
        raise ProblemError(
            "the loss is written as terms with their weights", setting.span, "such as {residual: 1, norm: 1}"
        )
    weights: dict[str, float] = {}
    for weight in setting.weights:
        name = weight.name.name
        if name not in training.LOSS_TERMS:
            raise _unknown("term of the loss", weight.name, training.LOSS_TERMS)
        if name in weights:
            raise ProblemError(f"the weight of '{name}' is given twice", weight.name.span)
        weights[name] = float(_accepted(weight.value, training.WEIGHT, f"the weight of '{name}'", reader))
    if not any(weights.values()):
        raise ProblemError("every weight of the loss is 0", setting.span)
    return tuple(weights.items())


_SETTINGS: dict[str, Callable[[tree.Setting, _Reader], Any]] = {
    "method": _chain(training.METHODS),
    "tolerance": _value(training.TOLERANCE),
    "network": _single(training.NETWORKS),
    "energy": _single(training.ENERGIES),
    "points": _single(training.POINTS),
    "loss": _weights,
    "optimizer": _chain(training.OPTIMIZERS),
    "seed": _value(training.SEED),
    "precision": _value(training.PRECISION),
}


def _only(setting: tree.Setting) -> tree.Expression:
    if setting.weights:
        raise _no_braces(setting)
    if len(setting.values) > 1:
        raise ProblemError(
            f"'{setting.key.name}' has one value",
            setting.values[1].span,
            "'then' chains methods and optimizers",
        )
    return setting.values[0]


def _no_braces(setting: tree.Setting) -> ProblemError:
    return ProblemError(f"'{setting.key.name}' is not written with braces", setting.span)


# One value: name(argument = value, …) -----------------------------------------------------------------


def _entry(node: tree.Expression, registry: Sequence[type[Any]], key: str, reader: _Reader) -> Any:
    """An entry of a registry with its arguments, positional or by name."""
    name = node.function if isinstance(node, tree.Call) else node
    known = {entry.name: entry for entry in registry}
    example = f"such as {key} = {registry[0].name}"
    if not isinstance(name, tree.Name):
        raise ProblemError(f"the {key} is given by a name, with arguments if need be", node.span, example)
    if name.name not in known:
        raise _unknown(key, name, tuple(known))
    entry = known[name.name]
    arguments = node.arguments if isinstance(node, tree.Call) else ()
    return entry(**_arguments(entry, arguments, node.span, reader))


def _arguments(
    entry: type[Any], given: Sequence[tree.Argument], span: Span, reader: _Reader
) -> dict[str, Any]:
    accepted: dict[str, Field[Any]] = {argument.name: argument for argument in fields(entry)}
    values: dict[str, Any] = {}
    errors: list[ProblemError] = []
    for position, argument in enumerate(given):
        try:
            name = _argument_name(entry, argument, position, tuple(accepted))
            if name in values:
                raise ProblemError(f"the argument '{name}' is given twice", argument.span)
            values[name] = None  # taken, even if its value turns out to be wrong
            rule: Rule = accepted[name].metadata["rule"]
            values[name] = _accepted(argument.value, rule, f"{name} of {entry.name}", reader)
        except ProblemError as error:
            errors.append(error)
    errors += [
        ProblemError(f"'{entry.name}' needs its {name}", span, f"such as {entry.name}(1)")
        for name, argument_field in accepted.items()
        if argument_field.default is MISSING and name not in values
    ]
    if errors:
        raise joined(errors)
    return values


def _argument_name(
    entry: type[Any], argument: tree.Argument, position: int, accepted: tuple[str, ...]
) -> str:
    if argument.name is None:
        if position < len(accepted):
            return accepted[position]
        count = len(accepted)
        most = (
            "no arguments" if count == 0 else "one argument" if count == 1 else f"at most {count} arguments"
        )
        raise ProblemError(f"'{entry.name}' takes {most}", argument.span)
    if argument.name.name not in accepted:
        if not accepted:
            raise ProblemError(f"'{entry.name}' takes no arguments", argument.span)
        elsewhere = {
            name: f"did you mean '{own}'?" for name, own in _ARGUMENTS_ELSEWHERE.items() if own in accepted
        }
        raise _unknown(f"argument of {entry.name}", argument.name, accepted, elsewhere)
    return argument.name.name


def _accepted(node: tree.Expression, rule: Rule, what: str, reader: _Reader) -> Any:
    """The value of an argument, if its rule accepts it."""
    if rule.kind == "word":
        value: Any = node.name if isinstance(node, tree.Name) else None
    elif rule.kind == "counts":
        items = node.items if isinstance(node, tree.List) else ()
        value = tuple(_number(item, reader) for item in items)
    else:
        value = _number(node, reader)
    if not rule.holds(value):
        hint = ""
        if rule.kind == "word" and isinstance(value, str):
            guess = did_you_mean(value, rule.wanted.removeprefix("one of ").split(", "))
            hint = f"did you mean '{guess}'?" if guess else ""
        raise ProblemError(f"{what} must be {rule.wanted}", node.span, hint)
    return value


def _number(node: tree.Expression, reader: _Reader) -> int | float:
    """A number, as an int where it is a whole one that is not written with a point, else as a float."""
    value = reader.translator.constant(node)
    if value.is_Integer:
        return int(value)
    number = numeric.number(value, reader.values)
    return int(number) if value.free_symbols and number.is_integer() else number


# Errors ----------------------------------------------------------------------------------------------


def _unknown(
    what: str, name: tree.Name, known: Sequence[str], elsewhere: Mapping[str, str] = MappingProxyType({})
) -> ProblemError:
    guess = did_you_mean(name.name, known)
    hint = elsewhere.get(name.name) or (
        f"did you mean '{guess}'?" if guess else f"known are {', '.join(known)}"
    )
    return ProblemError(f"unknown {what} '{name.name}'", name.span, hint)


_RATE = "it belongs to the optimizer: optimizer = adam(rate = 1e-3)"
_STEPS = "it belongs to the optimizer: optimizer = adam(steps = 5000)"
_HIDDEN = "it belongs to the network: network = mlp(hidden = [32, 32], activation = tanh)"
_SETTINGS_ELSEWHERE = {
    **dict.fromkeys(("learning_rate", "lr", "rate"), _RATE),
    **dict.fromkeys(("epochs", "iterations", "steps", "max_iter", "maxiter"), _STEPS),
    **dict.fromkeys(("hidden", "layers", "neurons", "activation", "width"), _HIDDEN),
    **dict.fromkeys(("grid", "samples", "batch_size", "collocation"), "it is set with: points = gauss(128)"),
    **dict.fromkeys(("dtype",), "it is set with: precision = float64"),
    **dict.fromkeys(("random_seed", "rng"), "it is set with: seed = 0"),
    **dict.fromkeys(("tol", "accuracy", "eps"), "did you mean 'tolerance'?"),
    **dict.fromkeys(("device",), "it is chosen on the command line: qdsl solve FILE --device cuda"),
}
_ARGUMENTS_ELSEWHERE = {
    **dict.fromkeys(("lr", "learning_rate", "alpha"), "rate"),
    **dict.fromkeys(("epochs", "iterations", "max_iter", "maxiter", "n"), "steps"),
    **dict.fromkeys(("layers", "neurons", "width", "units"), "hidden"),
    **dict.fromkeys(("nonlinearity", "act"), "activation"),
}
"""Names that other programs give to what is set here."""


def _twice(message: str, span: Span, first: Span) -> ProblemError:
    return ProblemError([Diagnostic(message, span, notes=(("the first time", first),))])
