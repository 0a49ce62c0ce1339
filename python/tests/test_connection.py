"""Tests the connection on the server in the variable SERVER."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from bson import ObjectId
from bson.int64 import Int64
from bson.raw_bson import RawBSONDocument
import bson

import sentimatrix_schema as package
from sentimatrix_schema import CODEC, ConnectionProblem, client_options, close, connect, db
from sentimatrix_schema.models import NewUser, User

SERVER = os.environ["SERVER"]
DATABASE = os.environ["DATABASE"]


def run(work: Callable[[], Awaitable[None]]) -> None:
    async def and_close() -> None:
        try:
            await work()
        finally:
            await close()

    asyncio.run(and_close())


def test_one_client_for_all() -> None:
    async def work() -> None:
        first, second = await asyncio.gather(connect(SERVER, database=DATABASE), connect(SERVER, database=DATABASE))
        assert first is second is db() is await connect(SERVER, database=DATABASE)
        assert first.name == DATABASE
        options = first.client.options
        assert options.pool_options.max_pool_size == 50
        assert options.pool_options.min_pool_size == 10
        assert options.pool_options.max_idle_time_seconds == 30
        assert options.pool_options.connect_timeout == 10
        assert options.server_selection_timeout == 5
        assert options.pool_options.appname == "sentimatrix-studio"
        assert first.codec_options == CODEC
        assert first.client.codec_options == CODEC
        with pytest.raises(ConnectionProblem, match="already connected") as problem:
            await connect(SERVER, database=f"{DATABASE}_2")
        assert problem.value.code == "CONNECTED_ELSEWHERE"

    run(work)
    with pytest.raises(ConnectionProblem) as problem:
        db()
    assert problem.value.code == "NOT_CONNECTED"


def test_connects_again_in_another_loop() -> None:
    async def left_open() -> None:
        await connect(SERVER, database=DATABASE)

    asyncio.run(left_open())

    async def work() -> None:
        assert (await (await connect(SERVER, database=DATABASE)).command("ping"))["ok"] == 1

    run(work)


def test_connects_again_after_an_error() -> None:
    async def work() -> None:
        nobody = "mongodb://somebody:secret@127.0.0.1:9/?serverSelectionTimeoutMS=200"
        outcomes = await asyncio.gather(connect(nobody), connect(nobody), return_exceptions=True)
        for outcome in outcomes:
            assert isinstance(outcome, ConnectionProblem)
            assert outcome.code == "CONNECTION_FAILED"
            assert "127.0.0.1:9" in str(outcome)
            assert "secret" not in str(outcome)
            assert "somebody" not in str(outcome)
        await connect(SERVER, database=DATABASE)

    run(work)


@pytest.mark.parametrize(
    "url",
    ["localhost:27017", "mongodb://user:sec@ret@localhost", "mongodb://user:secret@localhost/?socketTimeoutMS=soon"],
)
def test_refuses_what_is_no_connection_string(url: str) -> None:
    async def work() -> None:
        with pytest.raises(ConnectionProblem) as problem:
            await connect(url)
        assert problem.value.code == "USAGE"
        assert "sec" not in str(problem.value)

    run(work)


def test_reads_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    async def work() -> None:
        with pytest.raises(ConnectionProblem, match="MONGODB_URL is not set"):
            await connect()
        monkeypatch.setenv("MONGODB_URL", SERVER)
        monkeypatch.setenv("MONGODB_DATABASE", DATABASE)
        assert (await connect()).name == DATABASE
        await close()
        password = tmp_path / "password"
        password.write_text("secret\n")
        monkeypatch.setenv("MONGODB_PASSWORD_FILE", str(password))
        with pytest.raises(ConnectionProblem, match="cannot be used with"):
            await connect()
        monkeypatch.setenv("MONGODB_URL", SERVER.replace("://", "://nobody@"))
        with pytest.raises(ConnectionProblem) as problem:
            await connect()
        assert problem.value.code == "AUTHENTICATION_FAILED"
        assert "secret" not in str(problem.value)

    for name in ("MONGODB_URL", "MONGODB_DATABASE", "MONGODB_PASSWORD_FILE"):
        monkeypatch.delenv(name, raising=False)
    run(work)


def test_options_give_way_to_the_string() -> None:
    assert client_options("mongodb://a/?maxPoolSize=4&APPNAME=mine") == {
        "minPoolSize": 4,
        "maxIdleTimeMS": 30_000,
        "serverSelectionTimeoutMS": 5_000,
        "connectTimeoutMS": 10_000,
    }
    assert client_options("mongodb://a/?maxPoolSize=0")["minPoolSize"] == 10
    assert "minPoolSize" not in client_options("mongodb://a/?minPoolSize=0")
    assert client_options("mongodb://a/?minPoolSize=80")["maxPoolSize"] == 80
    with pytest.raises(ConnectionProblem, match="timeoutMS"):
        client_options("mongodb://a/?timeoutms=1")


def test_reads_what_was_stored() -> None:
    async def work() -> None:
        users = (await connect(SERVER, database=DATABASE)).users
        landed = datetime(1969, 7, 20, 20, 17, 40, 1999, UTC)
        user = NewUser(email=f"{ObjectId()}@example.com", password_hash="x", created_at=landed)
        made = await users.insert_one(user.to_document())
        found = User.model_validate(await users.find_one({"_id": made.inserted_id}))
        assert found.created_at == datetime(1969, 7, 20, 20, 17, 40, 1000, UTC) == user.created_at
        assert found.id == made.inserted_id
        assert found.name is package.models.MISSING
        # A date outside of the range of datetime is read as the nearest date in it. UUIDs and longs keep their types.
        raw = {"_id": ObjectId(), "uuid": UUID(int=5), "long": Int64(5), "date": bson.DatetimeMS(2**60)}
        odd = (await connect(SERVER, database=DATABASE)).odd
        await odd.insert_one(RawBSONDocument(bson.encode(raw, codec_options=CODEC)))
        read = await odd.find_one()
        assert read is not None
        assert read["date"] == datetime(9999, 12, 31, 23, 59, 59, 999000, UTC)
        assert read["uuid"] == UUID(int=5)
        assert isinstance(read["long"], Int64)

    run(work)
