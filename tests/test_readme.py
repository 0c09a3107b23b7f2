"""The first page: what it shows is what one gets."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from qdsl.cli import main
from qdsl.language import parse, read_source, to_text

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
EXAMPLE = ROOT / "examples" / "finite_well.qw"
PROGRAM, OUTPUT = re.findall(r"^```\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)[:2]


def without_noise(text: str) -> str:
    """Errors and bounds differ from machine to machine in their digits."""
    return re.sub(r" *[+-]?\d(\.\d)?e-\d+| +0(?= )", " #", text)


def test_the_program_is_the_example(tmp_path: Path) -> None:
    shown = tmp_path / "finite_well.qw"
    shown.write_text(PROGRAM, encoding="utf-8")
    assert to_text(parse(read_source(shown))) == to_text(parse(read_source(EXAMPLE)))


def test_its_output(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["solve", str(EXAMPLE)]) == 0
    assert without_noise(capsys.readouterr().out) == without_noise(OUTPUT)


def test_from_python(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    names: dict[str, object] = {}
    exec(re.findall(r"^```python\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)[0], names)  # noqa: S102
    solution, result = names["solution"], names["result"]
    assert repr(solution) == (
        "<Solution of 'Finite square well': E[0] = 1.7588865, E[1] = 6.9637524, E[2] = 15.333947; "
        "certified, converged>"
    )
    assert repr(result).endswith(": 21 points over k, of which 21 hold>")
