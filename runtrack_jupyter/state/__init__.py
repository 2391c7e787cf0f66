"""The state engine: the namespace as components that can be fingerprinted, saved and brought back."""

from runtrack_jupyter.state.component import CHUNK_SIZE, Chunk, LiveComponent, component_id_of
from runtrack_jupyter.state.engine import StateEngine
from runtrack_jupyter.state.records import Capture, Check, Limits, Payload, Restored

__all__ = [
    "CHUNK_SIZE",
    "Capture",
    "Check",
    "Chunk",
    "Limits",
    "LiveComponent",
    "Payload",
    "Restored",
    "StateEngine",
    "component_id_of",
]
