"""Tests the example application on the server in the variable SERVER."""

import json
import os
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pymongo
import pytest
from bson import ObjectId
from fastapi.testclient import TestClient
from pymongo.database import Database

sys.path.insert(0, str(Path(__file__).parents[2] / "examples" / "fastapi-app"))

SERVER = os.environ["SERVER"]
DATABASE = os.environ["DATABASE"]


@pytest.fixture
def db() -> Iterator[Database[dict[str, Any]]]:
    with pymongo.MongoClient[dict[str, Any]](SERVER) as client:
        yield client[DATABASE]


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    from app import app

    monkeypatch.setenv("MONGODB_URL", SERVER)
    monkeypatch.setenv("MONGODB_DATABASE", DATABASE)
    # An exception in the application becomes a response with status 500, as for a real client.
    with TestClient(app, raise_server_exceptions=False) as started:
        yield started


def test_answers_probes(client: TestClient) -> None:
    answer = client.get("/health/db")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    health = answer.json()
    assert list(health) == ["status", "healthy", "latency_ms", "primary", "pending_migrations", "reasons", "checked_at"]
    assert health | {"latency_ms": 0, "checked_at": ""} == {
        "status": "connected",
        "healthy": True,
        "latency_ms": 0,
        "primary": True,
        "pending_migrations": 0,
        "reasons": [],
        "checked_at": "",
    }
    assert client.head("/health/db").content == b""
    assert client.post("/health/db").status_code == 405
    assert client.get("/health/live").json() == {"status": "live"}


def test_serves_the_newest_results(client: TestClient, db: Database[dict[str, Any]]) -> None:
    project, user, now = ObjectId(), ObjectId(), datetime.now(UTC)
    named = {"name": "Headphones", "status": "active", "config": {"sources": ["amazon"]}}
    db.projects.insert_one({"_id": project, "user_id": user, "created_at": now, **named})
    for day in (2, 3, 1):
        db.results.insert_one(
            {
                "project_id": project,
                "target_id": ObjectId(),
                "user_id": user,
                "platform": "amazon",
                "content": {"text": f"day {day}"},
                "created_at": datetime(2026, 11, day, tzinfo=UTC),
                **({"analysis": {"sentiment": {"label": "positive", "score": 1}}} if day == 3 else {}),
            }
        )
    answer = client.get(f"/projects/{project}/results")
    assert answer.json() == {
        "project": "Headphones",
        "results": [
            {"text": "day 3", "sentiment": "positive", "created_at": "2026-11-03T00:00:00.000Z"},
            {"text": "day 2", "sentiment": None, "created_at": "2026-11-02T00:00:00.000Z"},
            {"text": "day 1", "sentiment": None, "created_at": "2026-11-01T00:00:00.000Z"},
        ],
    }
    assert client.get(f"/projects/{ObjectId()}/results").status_code == 404
    assert client.get("/projects/nonsense/results").status_code == 400


KEY = {"user_id": "5f0000000000000000000001", "provider": "openai", "encrypted_key": "v1:c2VjcmV0"}


def test_takes_an_api_key(client: TestClient, db: Database[dict[str, Any]]) -> None:
    answer = client.post("/api-keys", json=KEY)
    assert answer.status_code == 201
    stored = db.api_keys.find_one({"_id": ObjectId(answer.json()["id"])})
    assert stored is not None
    assert stored["user_id"] == ObjectId(KEY["user_id"])
    assert "label" not in stored


@pytest.mark.parametrize(
    ("body", "place"),
    [
        (json.dumps({**KEY, "user_id": "secret"}), "user_id"),
        (json.dumps({**KEY, "label": None}), "label"),
        (json.dumps({**KEY, "encrypted_key": ""}), "encrypted_key"),
        (json.dumps({**KEY, "provider": "secret"}), "provider"),
        (json.dumps({**KEY, "usage_count": 5}), "body"),
        (json.dumps({**KEY, "secret": 5}), "body"),
        (json.dumps({**KEY, "_id": KEY["user_id"]}), "body"),
        (json.dumps({**KEY, "label": float("nan")}), "label"),
        (json.dumps({**KEY, "label": "\ud800"}), "body"),
        (json.dumps({**KEY, "\ud800": 1}), "body"),
        ("[]", "body"),
        ("", "body"),
        ("secret", "body"),
        (b"\xff\xfe", "body"),
        ("[" * 10_000, "body"),
    ],
)
def test_refuses_other_bodies_without_repeating_them(client: TestClient, body: str | bytes, place: str) -> None:
    answer = client.post("/api-keys", content=body)
    assert answer.status_code == 422
    assert [one["place"] for one in answer.json()["errors"]] == [place]
    assert "secret" not in answer.text
