"""The settings for converting BSON to Python and back."""

from typing import Any, Final

from bson import DatetimeConversion
from bson.binary import UuidRepresentation
from bson.codec_options import CodecOptions

CODEC: Final[CodecOptions[dict[str, Any]]] = CodecOptions(
    document_class=dict[str, Any],
    # The models refuse a date without a time zone, since its time would be ambiguous.
    tz_aware=True,
    # Python has no datetime before year 1 or after 9999. One such date must not make a whole query fail.
    datetime_conversion=DatetimeConversion.DATETIME_CLAMP,
    uuid_representation=UuidRepresentation.STANDARD,
)
"""Dates have a time zone; dates outside of Python's range become the nearest one in it. UUIDs are standard binary."""
