"""What confirms the number of a state where levels are not enclosed."""

from __future__ import annotations

import numpy as np

from qdsl.verify.index import Index, from_nodes


def test_nodes_alone_confirm_nothing() -> None:
    """A reference solver that has failed has no list of levels."""
    found = from_nodes(0, 1.0, 1e-6, np.empty(0), 0, hidden=False)
    assert found.index is Index.NONE
    assert found.objection == "the reference solver has no such level"
    assert from_nodes(0, 1.0, 1e-6, np.array([1.0, 2.0]), 0, hidden=False).index is Index.OSCILLATION
