"""Compares values as the server does, for `uniqueItems`."""

from collections.abc import Hashable, Mapping
from datetime import datetime
from decimal import Decimal
from re import Pattern
from typing import Any, cast
from uuid import UUID

from bson import DatetimeMS
from bson.binary import UUID_SUBTYPE, Binary
from bson.code import Code
from bson.dbref import DBRef
from bson.decimal128 import Decimal128
from bson.regex import Regex


def equality_key(value: Any) -> Hashable:
    """Return a key that is equal for two values if the server treats them as equal.

    Numbers are compared by value, whatever their type (1 = 1.0, but 1 ≠ true). At any depth, the order of
    fields in an object does not matter. The order of items in an array does.
    """
    match value:
        case bool():
            return ("bool", value)
        case int() | float() | Decimal128():
            return ("number", _number(value))
        case Code():
            scope = None if value.scope is None else equality_key(value.scope)
            return ("code", str(value), scope)
        case str():
            return ("string", str(value))
        case DBRef():
            return equality_key(value.as_doc())
        case Mapping():
            fields = cast("Mapping[str, Any]", value)
            return ("object", frozenset((name, equality_key(part)) for name, part in fields.items()))
        case list() | tuple():
            return ("array", tuple(equality_key(item) for item in cast("list[Any]", value)))
        case UUID():
            return ("binary", UUID_SUBTYPE, value.bytes)
        case bytes():
            return ("binary", value.subtype if isinstance(value, Binary) else 0, bytes(value))
        case datetime():
            return ("date", int(DatetimeMS(value)))
        case DatetimeMS():
            return ("date", int(value))
        case Pattern() | Regex():
            regex = cast("Regex[str]", value)
            return ("regex", regex.pattern, regex.flags)
        case _:
            # The remaining types compare by value: null, ObjectId, Timestamp, MinKey and MaxKey.
            return (type(value).__name__, value)


def _number(value: int | float | Decimal128) -> Hashable:
    number: int | float | Decimal = value.to_decimal() if isinstance(value, Decimal128) else value
    # On the server, NaN is equal to itself.
    return "NaN" if number != number else number
