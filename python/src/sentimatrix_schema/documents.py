"""What all models of documents have in common."""

from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator

from .values import as_object


class Document(BaseModel):
    """A document, or an object in one.

    It keeps fields that it does not name, as the server does: an application may write a field before its migration. A
    field that is absent is `MISSING`, and never None: the server tells the two apart.
    """

    model_config = ConfigDict(
        strict=True,
        extra="allow",
        validate_assignment=True,
        serialize_by_alias=True,
        # Values of documents do not belong into a log.
        hide_input_in_errors=True,
    )

    @model_validator(mode="before")
    @classmethod
    def _from_stored(cls, value: object) -> object:
        return as_object(value)

    def to_document(self) -> dict[str, Any]:
        """The document as PyMongo stores it: names of the server, without what is `MISSING`."""
        return self.model_dump(by_alias=True)


class ClosedDocument(Document):
    """A document, or an object in one, that has no fields but those that are named."""

    model_config = ConfigDict(extra="forbid")
