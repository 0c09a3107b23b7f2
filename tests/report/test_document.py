"""The JSON document: its keys, its types, and that it is JSON."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np

import qdsl
from qdsl.errors import Diagnostic, Source
from qdsl.meaning.scope import Scope
from qdsl.reading import Reading
from qdsl.report.document import diagnostics_document, solution_document
from qdsl.solution import Outcome


def test_has_exactly_the_promised_keys(infinite_well):
    outcome = Outcome("E[0] = pi^2 within 1e-9", np.float64(9.87), 9.87, 1e-9, np.bool_(True))
    document = solution_document(infinite_well(report={"E[0]": np.float64(9.87)}, expect=(outcome,)))
    assert list(document) == [
        "qdsl", "title", "source", "parameters", "units", "method", "tolerance", "seed", "box", "cut",
        "count", "status", "converged", "message", "states", "report", "report_bounds", "report_units",
        "expect", "seconds",
    ]  # fmt: skip
    assert [list(state) for state in document["states"]] == 3 * [
        ["n", "energy", "bound", "certified", "converged", "index", "nodes", "reference", "residual", "loss"]
    ]
    assert list(document["states"][0]["loss"]) == ["residual", "norm", "orthogonality"]
    assert list(document["expect"][0]) == ["text", "value", "expected", "tolerance", "passed"]
    assert list(document["seconds"]) == ["parse", "solve", "verify"]


def test_says_what_was_found(infinite_well):
    document = solution_document(infinite_well())
    assert document["qdsl"] == qdsl.__version__
    assert document["method"] == "ritz"
    assert document["tolerance"] == 1e-9
    assert document["box"] == [0.0, 1.0]
    assert document["status"] == "certified"
    assert document["converged"] is True
    assert document["units"] == {"energy": "1", "length": "1"}
    assert document["states"][1]["energy"] == 4 * np.pi**2
    assert document["states"][1]["reference"] == 4 * np.pi**2 - 1e-12
    assert document["states"][2]["n"] == 2


def test_is_strict_json_whatever_the_numbers(infinite_well):
    solution = infinite_well(report={"none": None, "nan": np.nan, "inf": -np.inf})
    certificate = replace(solution.certificate, bounds=np.array([np.inf, np.nan, 1.0]))
    document = solution_document(replace(solution, certificate=certificate))
    text = json.dumps(document, allow_nan=False)
    assert json.loads(text) == document, "plain Python values only: the document survives a round trip"
    assert [state["bound"] for state in document["states"]] == [None, None, 1.0]
    assert document["report"] == {"none": None, "nan": None, "inf": None}
    assert document["report_bounds"] == {"none": None, "nan": None, "inf": None}


def test_names_parameters_and_source(oscillator):
    reading = Reading(oscillator.problem, Source("well.qw", "title 'ψ'\n"), Scope())
    document = solution_document(oscillator, reading)
    assert document["parameters"] == {"k": 1.0}
    assert document["source"]["file"] == "well.qw"
    assert len(document["source"]["sha256"]) == 64
    assert solution_document(oscillator)["source"] is None


def test_diagnostics_have_places_or_none():
    source = Source("well.qw", "domain x in [0, 1]\npotential V = V_0\n")
    start = source.text.index("V_0")
    placed = Diagnostic("unknown name 'V_0'", source.span(start, start + 3), "did you mean 'V0'?")
    document = diagnostics_document([placed, Diagnostic("no such file", severity="warning")])
    assert document == {
        "diagnostics": [
            {
                "file": "well.qw",
                "line": 2,
                "column": 15,
                "end_line": 2,
                "end_column": 18,
                "start": start,
                "end": start + 3,
                "severity": "error",
                "message": "unknown name 'V_0'",
                "hint": "did you mean 'V0'?",
                "notes": [],
            },
            {
                "file": None,
                "line": None,
                "column": None,
                "end_line": None,
                "end_column": None,
                "start": None,
                "end": None,
                "severity": "warning",
                "message": "no such file",
                "hint": "",
                "notes": [],
            },
        ]
    }
