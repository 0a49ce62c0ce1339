"""Validates documents with the models, in one process: `judge.py CASES VERDICTS SEED`.

Both files contain BSON documents, one after the other. A case is `{c: collection, d: the bytes of a document}`. Its verdict:

- lossless: whether PyMongo reads the document without loss. If not, ignore the other fields.
- stored, fresh: whether the model for stored documents accepts it, and the model for documents to insert
- kept: whether the document that the model writes equals the original
- built, takes: the bytes of the same document as an application may build it, and whether the model accepts that. Absent if
  PyMongo cannot store it.
- dumped: the bytes of the document that the model writes, if it accepted the original
"""

import random
import sys
from collections.abc import Hashable, Mapping
from datetime import datetime, timedelta, timezone
from enum import StrEnum
from pathlib import Path
from typing import Any, cast

import bson
from bson.code import Code
from bson.dbref import DBRef
from bson.errors import BSONError, InvalidBSON
from bson.int64 import Int64
from bson.raw_bson import RawBSONDocument
from bson.son import SON
from pydantic import BaseModel, ValidationError

from sentimatrix_schema.bson_equality import equality_key
from sentimatrix_schema.codec import CODEC
from sentimatrix_schema.models import MODELS, NEW_MODELS


def takes(model: type[BaseModel], document: object) -> bool:
    try:
        model.model_validate(document)
    except ValidationError:
        return False
    return True


def rounded(value: Any) -> Any:
    """Return the value with doubles rounded to 15 digits: the server compares these to decide whether a number is whole."""
    if isinstance(value, float):
        return value if value.is_integer() else float(f"{value:.15g}")
    if isinstance(value, DBRef):
        return rounded(value.as_doc())
    if isinstance(value, Mapping):
        return {name: rounded(part) for name, part in cast("Mapping[str, Any]", value).items()}
    return [rounded(item) for item in cast("list[Any]", value)] if isinstance(value, list) else value


def key(raw: bytes) -> Hashable:
    return equality_key(rounded(bson.decode(raw, CODEC)))


class Built:
    """Replaces the values of a document by equal values of other Python types, as an application may use them."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def __call__(self, value: Any) -> Any:
        match value:
            case datetime():
                zone = timezone(timedelta(minutes=self.random.randrange(-720, 840)))
                moved = value + timedelta(microseconds=self.random.randrange(1000))
                try:
                    return moved.astimezone(zone)
                except OverflowError:
                    return moved
            case Code() | Int64() | DBRef():
                return value
            case str() if "\0" not in value and self.random.random() < 0.2:
                return next(iter(StrEnum("Chosen", {"CHOSEN": value})))
            case list():
                items = [self(item) for item in cast("list[Any]", value)]
                return tuple(items) if self.random.random() < 0.3 else items
            case dict():
                fields = {name: self(part) for name, part in cast("dict[str, Any]", value).items()}
                return self.mapping(fields)
            case _:
                return value

    def mapping(self, fields: dict[str, Any]) -> Any:
        chance = self.random.random()
        if chance < 0.1:
            return SON(fields)
        return RawBSONDocument(bson.encode(fields, codec_options=CODEC), CODEC_RAW) if chance < 0.15 else fields


CODEC_RAW = CODEC.with_options(document_class=RawBSONDocument)


def judge(collection: str, raw: bytes, build: Built) -> dict[str, Any]:
    try:
        document = bson.decode(raw, CODEC)
        if bson.encode(document, codec_options=CODEC) != raw:
            return {"lossless": False}
    except (InvalidBSON, ValueError, TypeError, OverflowError):
        return {"lossless": False}
    stored, fresh = MODELS[collection], NEW_MODELS[collection]
    verdict: dict[str, Any] = {"lossless": True, "stored": takes(stored, document), "fresh": takes(fresh, document)}
    if verdict["fresh"]:
        dumped = bson.encode(fresh.model_validate(document).to_document(), codec_options=CODEC)
        verdict |= {"dumped": dumped, "kept": key(dumped) == key(raw)}
    built: Any = build(document)
    try:
        verdict |= {"built": bson.encode(built, codec_options=CODEC), "takes": takes(fresh, built)}
    except (BSONError, OverflowError, ValueError):
        pass
    return verdict


def main(cases: str, verdicts: str, seed: str) -> None:
    build = Built(int(seed))
    with Path(verdicts).open("wb") as out:
        for case in bson.decode_file_iter(Path(cases).open("rb")):
            out.write(bson.encode(judge(case["c"], bytes(case["d"]), build)))


if __name__ == "__main__":
    main(*sys.argv[1:])
