"""The types of values in documents. Each accepts the same values as the server's validators."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Final, TypeAlias, TypeGuard, cast

from bson import ObjectId
from bson.code import Code
from bson.dbref import DBRef
from bson.int64 import Int64
from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, PydanticKnownError, core_schema

from .bson_equality import equality_key

_INT32: Final = range(-(2**31), 2**31)
_INT64: Final = range(-(2**63), 2**63)


def _string(value: object) -> object:
    """Refuse Code, a subclass of str that is another type on the server. Other subclasses are stored as strings."""
    if isinstance(value, Code):
        raise PydanticCustomError("string_type", "Input should be a valid string")
    return str.__str__(value) if isinstance(value, str) else value


@dataclass(frozen=True, slots=True)
class Text:
    """A string. Lengths count code points, as the server counts them; `pattern` may match anywhere in it."""

    min_length: int = 0
    max_length: int | None = None
    pattern: str | None = None

    def __get_pydantic_core_schema__(self, _source: object, _handler: GetCoreSchemaHandler) -> CoreSchema:
        schema: CoreSchema = core_schema.str_schema(
            strict=True, min_length=self.min_length or None, max_length=self.max_length
        )
        if self.pattern is not None:
            schema = core_schema.no_info_after_validator_function(_matcher(self.pattern), schema)
        return core_schema.no_info_before_validator_function(_string, schema)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        json_schema = handler(schema)
        if self.pattern is not None:
            json_schema["pattern"] = self.pattern.replace(r"\Z", "$")
        return json_schema


def _matcher(pattern: str) -> Callable[[str], str]:
    # ASCII, since the server's character classes are ASCII. Pydantic's own `pattern` does not support lookahead.
    search = re.compile(pattern, re.ASCII).search

    def matching(value: str) -> str:
        if search(value) is None:
            raise PydanticKnownError("string_pattern_mismatch", {"pattern": pattern})
        return value

    return matching


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several strings: for a `Literal`."""

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(_string, handler(source))


@dataclass(frozen=True, slots=True)
class _Numeric:
    ge: float | None = None
    le: float | None = None

    def judge(self, value: object) -> int | float:
        raise NotImplementedError

    def _within(self, value: int | float) -> int | float:
        # Written so that NaN is out of bounds: the server treats it as less than any number.
        if self.ge is not None and not value >= self.ge:
            raise PydanticKnownError("greater_than_equal", {"ge": self.ge})
        if self.le is not None and not value <= self.le:
            raise PydanticKnownError("less_than_equal", {"le": self.le})
        return value

    def __get_pydantic_core_schema__(self, source: object, _handler: GetCoreSchemaHandler) -> CoreSchema:
        plain = core_schema.int_schema() if source is int else core_schema.float_schema()
        return core_schema.no_info_plain_validator_function(self.judge, json_schema_input_schema=plain)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, _handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        bounds = {"minimum": self.ge, "maximum": self.le}
        kind = "number" if isinstance(self, Number | Double) else "integer"
        return {"type": kind, **{name: bound for name, bound in bounds.items() if bound is not None}}


def _is_int(value: object) -> bool:
    """Return whether it is stored as an int or a long. True is an int only in Python."""
    return isinstance(value, int) and not isinstance(value, bool) and int(value) in _INT64


class Number(_Numeric):
    """A number of any type except Decimal128. It keeps its type."""

    def judge(self, value: object) -> int | float:
        if isinstance(value, float) or (isinstance(value, int) and _is_int(value)):
            return self._within(value)
        raise PydanticCustomError("number_type", "Input should be a number")


class Whole(_Numeric):
    """A whole number of any type except Decimal128. A whole number that is stored as a double becomes an int."""

    def judge(self, value: object) -> int | float:
        if isinstance(value, int) and _is_int(value):
            return self._within(value)
        if not isinstance(value, float):
            raise PydanticKnownError("int_type")
        self._within(value)
        # The server checks the first 15 digits of a double. Pydantic's `multiple_of` accepts other numbers.
        rounded = float(f"{value:.15g}")
        if not rounded.is_integer():
            raise PydanticKnownError("int_from_float")
        return int(value if value.is_integer() else rounded)


class Int(_Numeric):
    """A whole number that is stored in 32 bits."""

    def judge(self, value: object) -> int | float:
        if isinstance(value, int) and _is_int(value) and not isinstance(value, Int64) and int(value) in _INT32:
            return self._within(value)
        raise PydanticCustomError("int32_type", "Input should be a whole number that is stored as an int")


class Long(_Numeric):
    """A whole number that is stored in 64 bits: an Int64, or a number that does not fit into 32 bits."""

    def judge(self, value: object) -> int | float:
        if isinstance(value, int) and _is_int(value) and (isinstance(value, Int64) or int(value) not in _INT32):
            return self._within(value)
        raise PydanticCustomError("int64_type", "Input should be a whole number that is stored as a long: an Int64")


class Double(_Numeric):
    """A float."""

    def judge(self, value: object) -> int | float:
        if isinstance(value, float):
            return self._within(value)
        raise PydanticKnownError("float_type")


@dataclass(frozen=True, slots=True)
class Items:
    """A list. Items are compared as the server compares them."""

    min_items: int = 0
    max_items: int | None = None
    unique: bool = False

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        # PyMongo stores a tuple as an array too.
        schema: CoreSchema = core_schema.no_info_before_validator_function(_list, handler(source))
        if self.min_items or self.max_items is not None or self.unique:
            schema = core_schema.no_info_wrap_validator_function(self._judge, schema)
        return schema

    def _judge(self, value: object, handler: core_schema.ValidatorFunctionWrapHandler) -> object:
        items = handler(value)
        if len(items) < self.min_items:
            details = {"field_type": "List", "min_length": self.min_items, "actual_length": len(items)}
            raise PydanticKnownError("too_short", details)
        if self.max_items is not None and len(items) > self.max_items:
            details = {"field_type": "List", "max_length": self.max_items, "actual_length": len(items)}
            raise PydanticKnownError("too_long", details)
        if self.unique and len({equality_key(item) for item in items}) < len(items):
            raise PydanticCustomError("unique_items", "List should not repeat an item")
        return items

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        json_schema = handler(schema)
        if self.min_items:
            json_schema["minItems"] = self.min_items
        if self.max_items is not None:
            json_schema["maxItems"] = self.max_items
        if self.unique:
            json_schema["uniqueItems"] = True
        return json_schema


def _list(value: object) -> object:
    return list(cast("tuple[object, ...]", value)) if isinstance(value, tuple) else value


def as_object(value: object) -> object:
    """Return a dict. PyMongo reads an object with `$ref` and `$id` as a DBRef, and stores any mapping as an object."""
    if isinstance(value, DBRef):
        return dict(value.as_doc())
    # A dict is returned as it is, so that reading does not copy it.
    return dict(value) if _is_other_mapping(value) else value


def _is_other_mapping(value: object) -> TypeGuard[Mapping[str, object]]:
    return isinstance(value, Mapping) and type(value) is not dict  # pyright: ignore[reportUnknownArgumentType]


@dataclass(frozen=True, slots=True)
class _IdRule:
    def __get_pydantic_core_schema__(self, _source: object, _handler: GetCoreSchemaHandler) -> CoreSchema:
        text = core_schema.str_schema(pattern="^[0-9A-Fa-f]{24}$")
        return core_schema.json_or_python_schema(
            json_schema=core_schema.no_info_after_validator_function(ObjectId, text),
            python_schema=core_schema.is_instance_schema(ObjectId),
            serialization=core_schema.to_string_ser_schema(when_used="json"),
        )


_ISO_DATE: Final = (
    r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,9})?)?(Z|[+-][0-9]{2}:[0-9]{2})$"
)


@dataclass(frozen=True, slots=True)
class _DateRule:
    def __get_pydantic_core_schema__(self, _source: object, _handler: GetCoreSchemaHandler) -> CoreSchema:
        # Pydantic's own datetime is not used, since it treats numbers, and strings of digits, as seconds.
        text = core_schema.str_schema(pattern=_ISO_DATE, metadata={"pydantic_js_updates": {"format": "date-time"}})
        return core_schema.json_or_python_schema(
            json_schema=core_schema.no_info_after_validator_function(_date_of_text, text),
            python_schema=core_schema.no_info_after_validator_function(_date, core_schema.is_instance_schema(datetime)),
            serialization=core_schema.simple_ser_schema("datetime"),
        )


def _date_of_text(text: str) -> datetime:
    try:
        value = datetime.fromisoformat(text)
    except ValueError:
        raise PydanticCustomError("datetime_parsing", "Input should be an existing date") from None
    return _date(value)


def _date(value: datetime) -> datetime:
    """Convert to UTC and whole milliseconds, which is the stored value."""
    if value.utcoffset() is None:
        raise PydanticKnownError("timezone_aware")
    try:
        utc = value.astimezone(UTC)
    except OverflowError:
        raise PydanticCustomError("date_range", "Input should be between the years 1 and 9999 in UTC") from None
    return utc.replace(microsecond=utc.microsecond // 1000 * 1000)


@dataclass(frozen=True, slots=True)
class _ObjectRule:
    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(as_object, handler(source))


@dataclass(frozen=True, slots=True)
class _BoolRule:
    def __get_pydantic_core_schema__(self, _source: object, _handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.bool_schema(strict=True)


Id: TypeAlias = Annotated[ObjectId, _IdRule()]
"""An ObjectId. In JSON, a string of 24 hex digits."""
Date: TypeAlias = Annotated[datetime, _DateRule()]
"""A date with a time zone, in whole milliseconds of UTC. In JSON, a string in the format of ISO 8601."""
Bool: TypeAlias = Annotated[bool, _BoolRule()]
"""True or False, but not a number."""
AnyObject: TypeAlias = Annotated[dict[str, Any], _ObjectRule()]
"""An object whose fields the schema does not define."""
