"""`include`: what it takes, where it looks, and where it never looks."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
import sympy as sp

import qdsl
from qdsl.errors import QdslError
from qdsl.physics import numeric
from qdsl.potentials import includes
from qdsl.potentials.places import VARIABLE

PROBLEM = "domain x in [-2, 2]\npotential V(x) = {}\n"


@pytest.fixture(autouse=True)
def no_search_path(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv(VARIABLE, raising=False)


def written(folder: Path, **files: str) -> Path:
    """Files with these texts in a folder; returns the path of the last."""
    for name, text in files.items():
        path = folder / f"{name.replace('__', '/')}.qw"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return path


def test_an_include_takes_parameters_and_functions_and_nothing_else(tmp_path: Path):
    path = written(
        tmp_path,
        well=(
            'title "A problem of its own"\nunits atomic\nparam depth = 20 in [1, 30] "how deep"\n'
            "define square(x, a) = { 0 if |x| < a; depth otherwise }\n"
            "domain y in [0, 1]\npotential W(y) = y\nfind states 0..9\nexpect E[0] = 5 within 1\n"
        ),
        main='include "well.qw"\n' + PROBLEM.format("square(x, 1)"),
    )
    problem = qdsl.load(path)
    assert problem.title == "main.qw"
    assert problem.values == {sp.Symbol("depth", real=True): 20.0}
    assert problem.parameters[0].doc == "how deep"
    assert problem.p == 1
    assert problem.states == (0,)
    assert problem.expect == ()
    at = {problem.coordinate: np.array([0.0, 1.5]), **problem.values}
    assert numeric.evaluate(problem.q, at).tolist() == [0.0, 20.0]
    assert qdsl.load(path).with_values(depth=25).values == {sp.Symbol("depth", real=True): 25.0}


def test_names_count_from_their_include_on(tmp_path: Path):
    lines = ["param a = 2", 'include "more.qw"', "param c = b + 1"]
    written(tmp_path, more="param b = 3*a\n")
    text = "\n".join([*lines, PROBLEM.format("c")])
    with pytest.raises(QdslError, match="unknown name 'a'"):
        qdsl.load(written(tmp_path, alone='include "more.qw"\n' + PROBLEM.format("b")))
    values = qdsl.load(written(tmp_path, main=text)).values
    assert {symbol.name: value for symbol, value in values.items()} == {"a": 2.0, "b": 6.0, "c": 7.0}


def test_a_file_that_is_reached_twice_counts_once(tmp_path: Path):
    path = written(
        tmp_path,
        base="param g = 2\n",
        left='include "base.qw"\nparam l = g\n',
        right='include "base.qw"\nparam r = 2*g\n',
        main='include "left.qw"\ninclude "right.qw"\ninclude "left.qw"\n' + PROBLEM.format("l + r + g"),
    )
    assert [p.symbol.name for p in qdsl.load(path).parameters] == ["g", "l", "r"]


def test_paths_start_at_the_file_that_names_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = written(
        tmp_path,
        parts__inner="param deep = 7\n",
        inner="param deep = 8\n",
        parts__outer='include "inner.qw"\n',
        main='include "parts/outer.qw"\n' + PROBLEM.format("deep"),
    )
    for folder in (tmp_path, tmp_path / "parts", Path("/")):
        monkeypatch.chdir(folder)
        assert list(qdsl.load(path).values.values()) == [7.0]


def test_the_search_path_comes_after_the_folder_of_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = written(
        tmp_path,
        first__a="param a = 1\n",
        second__a="param a = 2\n",
        second__b="param b = 3\n",
        own__main='include "a.qw"\ninclude "b.qw"\n' + PROBLEM.format("a + b"),
    )
    monkeypatch.setenv(VARIABLE, os.pathsep.join(str(tmp_path / name) for name in ("first", "", "second")))
    assert list(qdsl.load(path).values.values()) == [1.0, 3.0]
    assert list(qdsl.parse(path.read_text()).values.values()) == [1.0, 3.0]
    written(tmp_path, own__a="param a = 9\n")
    assert list(qdsl.load(path).values.values()) == [9.0, 3.0]


def test_files_of_the_library_can_be_included_with_their_parameters():
    problem = qdsl.parse('include "morse.qw"\n' + PROBLEM.format("morse(x, D, a)"))
    assert [parameter.symbol.name for parameter in problem.parameters] == ["D", "a"]


def test_a_text_without_a_place_does_not_look_around(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    written(tmp_path, near="param a = 1\n")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(QdslError, match="there is no file") as caught:
        qdsl.parse('include "near.qw"\n' + PROBLEM.format("a"))
    assert "next to this file" not in str(caught.value)


@pytest.mark.parametrize(
    "path",
    [
        "../secret.qw",
        "sub/../../secret.qw",
        "/etc/passwd.qw",
        "~/secret.qw",
        "C:\\\\secret.qw",
        "C:/secret.qw",
        "..",
        "sub/link.qw",
        "door/secret.qw",
    ],
)
def test_no_path_leads_out_of_the_folder(tmp_path: Path, path: str):
    secret = written(tmp_path, secret="param password = 1234\n")
    main = written(tmp_path, own__sub__x="", own__main=f'include "{path}"\n' + PROBLEM.format("0"))
    (main.parent / "sub" / "link.qw").symlink_to(secret)
    (main.parent / "door").symlink_to(tmp_path)
    with pytest.raises(QdslError) as caught:
        qdsl.load(main)
    assert "1234" not in str(caught.value)
    assert caught.value.diagnostics[0].span.line == 1


def test_links_inside_of_the_folder_are_followed(tmp_path: Path):
    main = written(tmp_path, sub__a="param a = 4\n", main='include "b.qw"\n' + PROBLEM.format("a"))
    (tmp_path / "b.qw").symlink_to(tmp_path / "sub" / "a.qw")
    assert list(qdsl.load(main).values.values()) == [4.0]


def test_what_is_no_file_is_not_opened(tmp_path: Path):
    """Opening a pipe would wait for ever."""
    os.mkfifo(tmp_path / "pipe.qw")
    with pytest.raises(QdslError, match="no regular file"):
        qdsl.load(written(tmp_path, main='include "pipe.qw"\n' + PROBLEM.format("0")))


def test_bytes_that_are_no_text(tmp_path: Path):
    (tmp_path / "binary.qw").write_bytes(b"param a = 1\0")
    main = written(tmp_path, main='include "binary.qw"\n' + PROBLEM.format("0"))
    with pytest.raises(QdslError, match="not a text file") as caught:
        qdsl.load(main)
    assert caught.value.diagnostics[0].span.text == '"binary.qw"'


def test_depth_is_limited(tmp_path: Path):
    chain = {f"f{i}": f'include "f{i + 1}.qw"\nparam p{i} = 1\n' for i in range(includes.DEPTH - 1)}
    last = f"f{includes.DEPTH - 1}"
    main = 'include "f0.qw"\n' + PROBLEM.format("p0")
    assert len(qdsl.load(written(tmp_path, **chain, **{last: "param z = 1\n"}, main=main)).parameters) == 20
    one_more = {last: 'include "end.qw"\n', "end": "param z = 1\n"}
    with pytest.raises(QdslError, match="more than 20 files include one another"):
        qdsl.load(written(tmp_path, **chain, **one_more, main=main))


def test_size_is_limited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(includes, "SIZE", 100)
    parts = {f"f{i}": f"# {'x' * 40}\nparam p{i} = 1\n" for i in range(3)}
    main = "".join(f'include "f{i}.qw"\n' for i in range(3)) + PROBLEM.format("0")
    with pytest.raises(QdslError, match="the included files are too many"):
        qdsl.load(written(tmp_path, **parts, main=main))


def test_mistakes_of_several_files_are_reported_together(tmp_path: Path):
    main = written(
        tmp_path,
        one="param a = 1/0\n",
        two="define f(x) = y\n",
        main='include "one.qw"\ninclude "two.qw"\n' + PROBLEM.format("f(x) + a + q"),
    )
    with pytest.raises(QdslError) as caught:
        qdsl.load(main)
    found = [(Path(d.span.source.name).name, d.message) for d in caught.value.diagnostics]
    assert found == [
        ("main.qw", "unknown name 'q'"),
        ("one.qw", "division by zero"),
        ("two.qw", "unknown name 'y'"),
    ]
    notes = [note for d in caught.value.diagnostics[1:] for note, _ in d.notes]
    assert notes == ["included here", "included here"]
