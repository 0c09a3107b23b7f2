"""An independent reference solver and certificates; shares no numerics with any method."""

from qdsl.verify.certificate import Certificate, certify
from qdsl.verify.index import Index
from qdsl.verify.observables import value_of
from qdsl.verify.reference import Reference, reference
from qdsl.verify.spectrum import Count, wanted_states

__all__ = ["Certificate", "Count", "Index", "Reference", "certify", "reference", "value_of", "wanted_states"]
