"""The base classes of all document models."""

from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator

from .values import as_object


class Document(BaseModel):
    """A document, or an object inside of one.

    It keeps fields that it does not define, as the server does, since an application may write a field before its
    migration is applied. An absent field is `MISSING`, never None, because the server distinguishes the two.
    """

    model_config = ConfigDict(
        strict=True,
        extra="allow",
        validate_assignment=True,
        serialize_by_alias=True,
        # Document values must not appear in logs.
        hide_input_in_errors=True,
    )

    @model_validator(mode="before")
    @classmethod
    def _from_stored(cls, value: object) -> object:
        return as_object(value)

    def to_document(self) -> dict[str, Any]:
        """Return the document for PyMongo, with the server's field names, and without fields that are `MISSING`."""
        return self.model_dump(by_alias=True)


class ClosedDocument(Document):
    """A document, or an object inside of one, that allows only the fields that it defines."""

    model_config = ConfigDict(extra="forbid")
