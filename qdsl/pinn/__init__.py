"""Problem -> compiled torch callables -> trial function -> loss -> training -> states."""

from qdsl.pinn.train import go_on, refines, train

__all__ = ["go_on", "refines", "train"]
