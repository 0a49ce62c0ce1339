"""The MongoDB documents of Sentimatrix Studio as Pydantic models, and the connection of its applications.

The models are in `sentimatrix_schema.models`.
"""

from .codec import CODEC
from .connection import ConnectionProblem, Database, client_options, close, connect, db
from .documents import Document

__all__ = ["CODEC", "ConnectionProblem", "Database", "Document", "client_options", "close", "connect", "db"]
