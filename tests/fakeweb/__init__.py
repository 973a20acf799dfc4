"""A simulated web on loopback: a TLS-terminating proxy, the sites behind it, faults and tiny real media.

Nothing here imports the program under test, and nothing here ever dials out.
"""

from fakeweb.blobs import Blob, BytesBlob, SyntheticBlob
from fakeweb.faults import Fault, FaultList
from fakeweb.messages import Request, Response
from fakeweb.server import FakeWeb

__all__ = ["Blob", "BytesBlob", "FakeWeb", "Fault", "FaultList", "Request", "Response", "SyntheticBlob"]
