"""Health checks of the database for probes. The answers are the same as those of the Node package."""

import asyncio
import os
import time
from datetime import UTC, datetime
from typing import Any, Final, Literal, TypedDict

from pymongo import ReadPreference
from pymongo.errors import OperationFailure, PyMongoError
from pymongo.read_concern import ReadConcern

from .connection import Database
from .models import MIGRATIONS

_UNAUTHORIZED: Final = 13
_KNOWN_CODES: Final = {_UNAUTHORIZED: "this user may not read the changelog", 18: "the server refuses the login"}
# If there is no primary, a secondary may answer. Then the status is `read_only`.
_ANYBODY: Final = ReadPreference.PRIMARY_PREFERRED


class Health(TypedDict):
    """The health of a database. It contains no host, no user and no data.

    `status` is `connected`, `read_only` if there is no primary, or `disconnected`. `latency_ms` and
    `pending_migrations` are None if they are unknown.
    """

    status: Literal["connected", "read_only", "disconnected"]
    healthy: bool
    latency_ms: float | None
    primary: bool
    pending_migrations: int | None
    reasons: list[str]
    checked_at: str


async def check_health(db: Database, *, timeout: float = 2, allow_pending: bool = False) -> Health:
    """Check the database within `timeout` seconds. Never raises.

    If the user may not read the changelog, which is usual for an application's user, `pending_migrations` is None, and
    the database may still be healthy. If the changelog has another name, set MONGODB_CHANGELOG.
    """
    checked_at = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    gives_up_at = asyncio.get_running_loop().time() + timeout
    try:
        async with asyncio.timeout_at(gives_up_at):
            latency_ms, primary = await _ask(db)
    except Exception as error:  # noqa: BLE001
        return Health(
            status="disconnected",
            healthy=False,
            latency_ms=None,
            primary=False,
            pending_migrations=None,
            reasons=[_reason(error, timeout)],
            checked_at=checked_at,
        )
    pending: int | None = None
    problem: Exception | None = None
    try:
        async with asyncio.timeout_at(gives_up_at):
            pending = await _count_pending(db)
    except Exception as error:  # noqa: BLE001
        problem = error
    half_restored = await _is_half_restored(db, gives_up_at)
    is_behind = bool(pending) and not allow_pending
    may_not_read = isinstance(problem, OperationFailure) and problem.code == _UNAUTHORIZED
    reasons = [
        *([] if primary else ["there is no writable primary"]),
        *(["the database is half restored: a restore is running, or did not finish"] if half_restored else []),
        *([f"{pending} {'migration is' if pending == 1 else 'migrations are'} pending"] if is_behind else []),
        *([f"the number of pending migrations is unknown: {_reason(problem, timeout)}"] if problem else []),
    ]
    return Health(
        status="connected" if primary else "read_only",
        healthy=primary and not half_restored and not is_behind and (problem is None or may_not_read or allow_pending),
        latency_ms=latency_ms,
        primary=primary,
        pending_migrations=pending,
        reasons=reasons,
        checked_at=checked_at,
    )


class CachedHealth:
    """Make one check at a time, and reuse its result for `max_age` seconds. So many probes cause only one check."""

    def __init__(self, db: Database, *, max_age: float = 1, timeout: float = 2, allow_pending: bool = False) -> None:
        self._db = db
        self._timeout = timeout
        self._allow_pending = allow_pending
        self._max_age = max_age
        self._latest: asyncio.Task[Health] | None = None
        self._fresh_until = 0.0

    async def __call__(self) -> Health:
        latest = self._latest
        if latest is None or (latest.done() and time.monotonic() >= self._fresh_until):
            latest = self._latest = asyncio.create_task(
                check_health(self._db, timeout=self._timeout, allow_pending=self._allow_pending)
            )
            latest.add_done_callback(self._looked)
        # If one caller is cancelled, the others continue to wait.
        return await asyncio.shield(latest)

    def _looked(self, _task: asyncio.Task[Health]) -> None:
        self._fresh_until = time.monotonic() + self._max_age


async def _ask(db: Database) -> tuple[float, bool]:
    # The first command makes the connection, so that the ping does not include that time.
    hello = await db.command("hello", read_preference=_ANYBODY)
    began = time.perf_counter()
    await db.command("ping", read_preference=_ANYBODY)
    return round((time.perf_counter() - began) * 1000, 1), hello.get("isWritablePrimary") is True


async def _count_pending(db: Database) -> int:
    name = os.environ.get("MONGODB_CHANGELOG") or "changelog"
    changelog = db.get_collection(name, read_preference=_ANYBODY, read_concern=ReadConcern("majority"))
    rows: list[dict[str, Any]] = await changelog.find({}, {"_id": 0, "fileName": 1}).to_list()
    applied = {row.get("fileName") for row in rows if isinstance(row.get("fileName"), str)}
    return sum(migration not in applied for migration in MIGRATIONS)


async def _is_half_restored(db: Database, gives_up_at: float) -> bool:
    """Return False on an error: the changelog then cannot be read either, and that error is reported."""
    try:
        async with asyncio.timeout_at(gives_up_at):
            lock = db.get_collection("schema_lock", read_preference=_ANYBODY)
            return await lock.find_one({"_id": "restore"}, {"_id": 1}) is not None
    except Exception:  # noqa: BLE001
        return False


def _reason(error: Exception, timeout: float) -> str:
    """Return a reason without messages of the driver or the server, since these contain hosts and users."""
    if isinstance(error, TimeoutError):
        return f"no answer within {timeout:g} s"
    if isinstance(error, OperationFailure):
        name = (error.details or {}).get("codeName") or error.code
        return _KNOWN_CODES.get(error.code or 0, f"the server answers with an error ({name})")
    return "the server cannot be reached" if isinstance(error, PyMongoError) else "the check failed"
