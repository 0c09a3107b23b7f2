"""Two states with one psi: found within groups of states, and between them where residuals allow it."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from qdsl.verify.coefficients import coefficients
from qdsl.verify.index import OVERLAP, dependent
from qdsl.verify.residual import products
from qdsl.verify.sampling import look

LEVELS = (np.arange(1, 5) * np.pi) ** 2
MIXTURE = st.lists(st.floats(-1, 1), min_size=4, max_size=4).filter(lambda c: np.linalg.norm(c) > 1e-2)


@given(st.lists(MIXTURE, min_size=2, max_size=5), st.floats(0, 1))
@settings(max_examples=60, deadline=None)
def test_groups_do_not_matter(analytic: Any, mixtures: list[list[float]], pure: float) -> None:
    """psi = sum c_k psi_k of the box; the residual bounds are in closed form, and so are the overlaps."""
    c = np.array(mixtures)
    largest = np.abs(c).argmax(axis=1)
    c[np.arange(len(c)), largest] += np.sign(c[np.arange(len(c)), largest]) * 10 * pure  # small residuals too
    c /= np.linalg.norm(c, axis=1)[:, None]
    energies = c**2 @ LEVELS
    reaches = np.sqrt((c**2 * (LEVELS - energies[:, None]) ** 2).sum(axis=1))
    states = analytic.states_of(
        range(len(c)), energies, (0, 0.5, 1), [analytic.sines(row, 0, 1) for row in c]
    )
    seen = look(coefficients(analytic.box_problem()), states, states.edges).fine
    together = dependent(products(seen, (np.arange(len(c)),)), seen, reaches)
    apart = dependent(products(seen, tuple(np.arange(len(c))[:, None])), seen, reaches + 1e-12)
    assert {i: j for i, (j, _) in apart.items()} == {i: j for i, (j, _) in together.items()}
    share = np.abs(np.tril(c @ c.T, -1))
    for i, row in enumerate(share):
        if abs(row - OVERLAP).min() > 1e-9:
            assert (i in together) == bool((row > OVERLAP).any())
            if i in together:
                assert abs(together[i][1] - row[together[i][0]]) < 1e-12
