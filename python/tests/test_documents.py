"""Tests what applications do with the models, apart from validation."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from bson import ObjectId
from pydantic import MISSING, ValidationError

from sentimatrix_schema.models import MODELS, NEW_MODELS, NewProject, NewUser, User

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def user(**fields: Any) -> NewUser:
    return NewUser.model_validate({"email": "a@example.com", "password_hash": "x", "created_at": NOW, **fields})


def test_each_collection_has_both() -> None:
    assert MODELS.keys() == NEW_MODELS.keys()
    assert MODELS["users"] is User
    assert NEW_MODELS["users"] is NewUser


def test_absent_is_not_null() -> None:
    assert user().name is MISSING
    assert "name" not in user().to_document()
    with pytest.raises(ValidationError):
        user(name=None)


def test_keeps_fields_that_it_does_not_name() -> None:
    kept = user(strange={"a": [1]}, id="not the _id", to_document=1, oauth={"gitlab_id": "7"})
    assert kept.id is MISSING
    assert kept.to_document() == {
        "email": "a@example.com",
        "password_hash": "x",
        "created_at": NOW,
        "strange": {"a": [1]},
        "id": "not the _id",
        "to_document": 1,
        "oauth": {"gitlab_id": "7"},
    }


def test_judges_what_is_assigned() -> None:
    changed = user()
    changed.name = "Ada"
    assert changed.to_document()["name"] == "Ada"
    changed.name = MISSING
    assert "name" not in changed.to_document()
    with pytest.raises(ValidationError):
        changed.name = ""


def test_refuses_a_date_without_a_zone() -> None:
    with pytest.raises(ValidationError, match="timezone"):
        user(created_at=datetime(2026, 11, 23, 12))  # noqa: DTZ001


def test_shows_no_values_in_messages() -> None:
    with pytest.raises(ValidationError) as error:
        user(password_hash="", email="the secret address")
    assert "secret" not in str(error.value)


def test_reads_and_writes_json() -> None:
    one, other = ObjectId(), ObjectId()
    project = {"_id": str(one), "user_id": str(other), "name": "x", "status": "draft", "created_at": "2026-11-23T12:00:00Z"}
    read = NewProject.model_validate_json(json.dumps({**project, "config": {"sources": ["amazon"]}}))
    assert (read.id, read.user_id, read.created_at) == (one, other, NOW)
    assert json.loads(read.model_dump_json())["user_id"] == str(other)
    for wrong in ({"created_at": 5}, {"created_at": "2026-11-23T12:00:00"}, {"user_id": "5"}, {"name": "\ud800"}):
        with pytest.raises(ValidationError):
            NewProject.model_validate_json(json.dumps({**project, "config": {"sources": ["amazon"]}, **wrong}))


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity", "1e400", "true", "1.5", '"1"', str(2**63), str(10**400)])
def test_takes_no_odd_number_in_json(text: str) -> None:
    with pytest.raises(ValidationError):
        NEW_MODELS["api_keys"].model_validate_json(
            '{"user_id":"5f0000000000000000000001","provider":"openai","encrypted_key":"x",'
            f'"created_at":"2026-11-23T12:00:00Z","usage_count":{text}}}'
        )


def test_describes_itself_in_json_schema() -> None:
    fields = NewUser.model_json_schema()["properties"]
    assert fields["_id"] == {"pattern": "^[0-9A-Fa-f]{24}$", "title": "Id", "type": "string"}
    assert fields["email"]["pattern"].endswith("$")
    usage = NEW_MODELS["api_keys"].model_json_schema()["properties"]["usage_count"]
    assert usage["type"] == "integer"
    assert usage["maximum"] == 2**53 - 1
