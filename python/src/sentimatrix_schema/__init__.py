"""Pydantic models for the MongoDB documents of Sentimatrix Studio, and the connection for its applications.

The models are in `sentimatrix_schema.models`.
"""

from .codec import CODEC
from .connection import ConnectionProblem, Database, client_options, close, connect, db
from .documents import Document
from .health import CachedHealth, Health, check_health

__all__ = [
    "CODEC",
    "CachedHealth",
    "ConnectionProblem",
    "Database",
    "Document",
    "Health",
    "check_health",
    "client_options",
    "close",
    "connect",
    "db",
]
