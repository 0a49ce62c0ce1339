"""How BSON becomes Python and back."""

from typing import Any, Final

from bson import DatetimeConversion
from bson.binary import UuidRepresentation
from bson.codec_options import CodecOptions

CODEC: Final[CodecOptions[dict[str, Any]]] = CodecOptions(
    document_class=dict[str, Any],
    # The models take no date without a time zone: whose time would it be?
    tz_aware=True,
    # A date before year 1 or after 9999 has no datetime. One such document must not make a whole query fail.
    datetime_conversion=DatetimeConversion.DATETIME_CLAMP,
    uuid_representation=UuidRepresentation.STANDARD,
)
"""Dates with a time zone, those out of range moved to the nearest one in it; UUIDs as standard binary."""
