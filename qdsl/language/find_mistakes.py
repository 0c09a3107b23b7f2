"""Mistakes in `find`: which states were meant, as far as the numbers tell."""

from __future__ import annotations

from collections.abc import Sequence

from lark import Token

from qdsl.errors import Diagnostic
from qdsl.language.stuck import Stuck, quoted, short
from qdsl.spelling import did_you_mean


def wrong_find(stuck: Stuck) -> Diagnostic | None:
    """`find 0..4`, `find states 1 to 4`, `find states 3`, `find state 0..4`, `find state n = 3`"""
    if stuck.keyword != "find":
        return None
    found, words = stuck.found, stuck.tokens[1:-1]
    last = len(stuck.tokens) - 2
    if stuck.index == 1:
        meant = None
        if found.type == "NAME" and found.lower() not in (*_LOWEST, "bands"):
            meant = did_you_mean(found, ("states", "state", "bound"))
        if meant:
            return stuck.says(f"'find' does not know {quoted(found)}", f"did you mean '{meant}'?")
        return stuck.says("'find' must say what to find", f"write: find {_states_meant(words)}")
    if words[0] in ("state", "states") and stuck.index > 2 and words[1].type == "NAME":
        numbers = [word for word in words if word.type == "INTEGER" and len(word) < 6]
        if found == "=" and numbers and words[-1] == numbers[-1]:
            return stuck.says(
                "the states are numbers, without a name", f"write: find {_numbered(numbers)}", at=words[1]
            )
    if words[0] == "bound":
        hint = "write: find bound states"
        if "below" in words and (energy := stuck.text(stuck.tokens.index("below") + 1, last)):
            hint += f", or: find states below {energy}"
        return stuck.says("all bound states are asked for together", hint)
    if words[0] == "states" and words[1:2] == ["bound"]:
        return stuck.says("the word 'bound' stands first", "write: find bound states", at=words[1])
    if words[0] == "states" and stuck.index > 2 and words[1] in ("above", "over"):
        hint = "states are asked for by number: find states 0..4, or up to an energy: find states below 12"
        return stuck.says(f"'find states' does not know {quoted(words[1])}", hint, at=words[1])
    if words[0] == "states" and found == "=" and words[1] == "below":
        energy = stuck.text(stuck.index + 1, last) or "12"
        return stuck.says("behind 'below' stands an energy alone", f"write: find states below {energy}")
    if words[0] in ("state", "states") and (mistake := _one_range(stuck, words)):
        return mistake
    if words[0] == "state" and found.type == "DOTS":
        wanted = stuck.text(2, last) or "0..4"
        return stuck.says("'state' takes one number, 'states' a range", f"write: find states {wanted}")
    if words[0] == "state" and found.type == "COMMA":
        return stuck.says("'state' takes one number, 'states' a range", f"write: find {_states_meant(words)}")
    if stuck.at_end and stuck.wants_value and stuck.back().type in ("STATE", "STATES", "BELOW", "DOTS"):
        example = {"STATE": "state 0", "BELOW": "states below 12"}.get(stuck.back().type, "states 0..4")
        return stuck.says(f"a value is missing after {quoted(stuck.back())}", f"for example: find {example}")
    if words[0] == "state" and stuck.index > 2 and words[1] == "below":
        wanted = stuck.text(3, last) or "12"
        return stuck.says("'below' follows 'states'", f"write: find states below {wanted}", at=words[1])
    if words[0] == "states" and "DOTS" in stuck.expected and stuck.wants_operator:
        numbers = [word for word in words if word.type == "INTEGER"]
        if len(words) > 2 and words[1].type == "NAME" and did_you_mean(words[1], ("below",)):
            return stuck.says(
                f"'find states' does not know {quoted(words[1])}", "did you mean 'below'?", at=words[1]
            )
        compared = next((i for i, word in enumerate(words) if word in ("<", "<=")), None)
        if "E" in words and compared is not None and (below := stuck.text(compared + 2, last)):
            return stuck.says(
                "'below' stands for 'E <' here", f"write: find states below {below}", at=words[1]
            )
        if len(numbers) == 2:
            hint = f"write: find states {short(numbers[0])}..{short(numbers[1])}"
        elif numbers and (words[1] == "[" or any(word.type == "COMPARE" for word in words)):
            hint = f"write: find {_states_meant(words)}"
        elif stuck.at_end and (only := stuck.text(2, last)):
            hint = f"write: find state {only}, or a range: find states 0..{only}"
        else:
            hint = "write: find states 0..4"
        whole = stuck.span(stuck.tokens[2]).to(stuck.span(stuck.tokens[last]))
        return stuck.says("a range of states is written with two points", hint, at=whole)
    return None


def _one_range(stuck: Stuck, words: Sequence[Token]) -> Diagnostic | None:
    """`find states 0..4, 6`, `find states (0..4)`, `find states {0, 1}`, `find states < 4`"""
    more = stuck.found.type == "COMMA" and "DOTS" in [word.type for word in words]
    within = stuck.bracket and (stuck.found.type == "DOTS" or stuck.bracket == "{")
    if not (more or within or (stuck.index == 2 and stuck.found.type == "COMPARE")):
        return None
    whole = stuck.span(words[1] if len(words) > 1 else stuck.found).to(stuck.span(words[-1]))
    message = "there is one range of states, " if more else "a range of states is written "
    message += "from the first to the last" if more else "with two points"
    return stuck.says(message, f"write: find {_states_meant(words)}", at=whole)


def _numbered(numbers: Sequence[Token]) -> str:
    """`state 3`, `states 0..3`"""
    first, last = min(map(int, numbers)), max(map(int, numbers))
    return f"state {first}" if first == last else f"states {first}..{last}"


_LOWEST = {"ground": "state 0", "lowest": "state 0", "first": "state 0", "all": "bound states"}


_ONE = ("e", "energy", "level", "eigenvalue", "psi", "number", "no", "n")


def _states_meant(words: Sequence[Token]) -> str:
    """What a `find` that cannot be read asks for, as far as its numbers tell."""
    numbers = [int(word) for word in words if word.type == "INTEGER" and len(word) < 6]
    kinds = [word.type for word in words]
    if len(numbers) == 1 and (compared := _compared(words, numbers[0])):
        return compared
    if len(words) == len(numbers) == 1:
        return f"state {numbers[0]}"
    if len(numbers) == 1 and words[0].lower() in _ONE and "COMPARE" not in kinds:
        return f"state {numbers[0]}"
    if len(numbers) == 1 and "NAME" in kinds and numbers[0] > 0:
        return f"states 0..{numbers[0] - 1}"
    if len(numbers) > 1:
        return f"states {min(numbers)}..{max(numbers)}"
    return next((_LOWEST[word.lower()] for word in words if word.lower() in _LOWEST), "states 0..4")


def _compared(words: Sequence[Token], number: int) -> str:
    """`n < 4`, `n <= 4`, `n > 2`: the states of which that holds, or nothing."""
    signs = [i for i, word in enumerate(words[:-1]) if word.type == "COMPARE"]
    if len(signs) != 1 or words[signs[0] + 1].type != "INTEGER":
        return ""
    sign = words[signs[0]]
    if sign in (">", ">="):
        first = number + (sign == ">")
        return f"states {first}..{first + 4}, or however many are wanted"
    last = number - (sign == "<")
    return f"states 0..{last}" if sign in ("<", "<=") and last > 0 else "state 0"
