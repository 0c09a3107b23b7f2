"""Problem -> compiled torch callables -> trial function -> loss -> training -> states."""

from qdsl.pinn.train import train

__all__ = ["train"]
