"""The connection of the process: `connect`, `db`, `close`. A process has only one."""

import asyncio
import os
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias
from urllib.parse import parse_qsl, unquote, urlsplit

from pymongo import AsyncMongoClient
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import ConfigurationError, InvalidURI, OperationFailure, PyMongoError

from .codec import CODEC

Database: TypeAlias = AsyncDatabase[dict[str, Any]]
Code: TypeAlias = Literal[
    "USAGE", "CONNECTED_ELSEWHERE", "NOT_CONNECTED", "AUTHENTICATION_FAILED", "CONNECTION_FAILED"
]

_DATABASE: Final = "sentimatrix_studio"
_APP_NAME: Final = "sentimatrix-studio"

_DEFAULTS: Final = {
    "maxPoolSize": 50,
    "minPoolSize": 10,
    # This timeout and the following ones are in milliseconds.
    "maxIdleTimeMS": 30_000,
    "serverSelectionTimeoutMS": 5_000,
    "connectTimeoutMS": 10_000,
}
_AUTHENTICATION_FAILED: Final = 18
_NO_URL: Final = (
    "MONGODB_URL is not a connection string",
    "write mongodb://host:27017; in a user and a password, write special characters as %40",
)


class ConnectionProblem(Exception):
    """An error that says what is wrong, and the fix. It contains no user and no password. Compare its `code`."""

    def __init__(self, code: Code, summary: str, *, why: str = "", fix: str) -> None:
        lines = [f"{summary} ({code})", *([f"  why    {why}"] if why else []), f"  fix    {fix}"]
        super().__init__("\n".join(lines))
        self.code = code


# It has no repr, so that no traceback shows a password.
@dataclass(frozen=True, slots=True, repr=False)
class _Asked:
    url: str
    password: str | None
    database: str
    app_name: str


class _State:
    def __init__(self, asked: _Asked) -> None:
        self.asked = asked
        self.loop = asyncio.get_running_loop()
        self.client = _client(asked)
        self.opening = asyncio.ensure_future(self._open())

    async def _open(self) -> Database:
        try:
            await self.client.admin.command("ping")
        except PyMongoError as error:
            await self.client.close()
            raise _explained(error) from error
        except BaseException:
            await self.client.close()
            raise
        return self.client.get_database(self.asked.database, codec_options=CODEC)


_state: _State | None = None


async def connect(url: str | None = None, *, database: str | None = None, app_name: str = _APP_NAME) -> Database:
    """Connect, and return the database. Every call, at the same time or later, uses the same client.

    Arguments that are not given come from MONGODB_URL, MONGODB_PASSWORD_FILE and MONGODB_DATABASE. Options in the
    connection string take precedence. After an error, you may call it again.
    """
    global _state
    if _state is not None and _state.loop is not asyncio.get_running_loop():
        if not _state.loop.is_closed():
            raise ConnectionProblem(
                "CONNECTED_ELSEWHERE",
                "Cannot connect to MongoDB",
                why="another event loop of this process is connected",
                fix="close() there first: a client belongs to one event loop",
            )
        _state = None
    asked = _asked(url, database, app_name)
    if _state is None:
        _state = _State(asked)
    elif _state.asked != asked:
        raise ConnectionProblem(
            "CONNECTED_ELSEWHERE",
            "Cannot connect to MongoDB",
            why="this process is already connected, to another database or with other options",
            fix="close() first",
        )
    state = _state
    try:
        # If one caller is cancelled, the others continue to wait.
        return await asyncio.shield(state.opening)
    except ConnectionProblem:
        if _state is state:
            _state = None
        raise


def db() -> Database:
    """Return the database. Call it after `connect` has returned."""
    opening = _state.opening if _state else None
    if opening is None or not opening.done() or opening.cancelled() or opening.exception() is not None:
        raise ConnectionProblem(
            "NOT_CONNECTED",
            "There is no connection",
            fix="await connect() when the application starts, before db() is called",
        )
    return opening.result()


async def close() -> None:
    """Close the connection. Do nothing if there is none."""
    global _state
    state, _state = _state, None
    if state is not None:
        await asyncio.wait([state.opening])
        await state.client.close()


def _asked(url: str | None, database: str | None, app_name: str) -> _Asked:
    given = url or os.environ.get("MONGODB_URL")
    if not given:
        raise _usage("MONGODB_URL is not set", "set it to the connection string of the server, or give connect() a url")
    password_file = os.environ.get("MONGODB_PASSWORD_FILE") if url is None else None
    named = database or os.environ.get("MONGODB_DATABASE") or unquote(urlsplit(given).path.lstrip("/"))
    if password_file and ("@" not in urlsplit(given).netloc or urlsplit(given).password is not None):
        fix = "write the user, but no password, in MONGODB_URL: mongodb://user@host:27017/database"
        raise _usage("MONGODB_PASSWORD_FILE cannot be used with this MONGODB_URL", fix)
    return _Asked(given, _password(password_file) if password_file else None, named or _DATABASE, app_name)


def _password(file: str) -> str:
    try:
        return Path(file).read_text("utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        reason = (error.strerror or "") if isinstance(error, OSError) else "it is not UTF-8"
        fix = "name a file that contains only the password"
        raise _usage("MONGODB_PASSWORD_FILE cannot be read", fix, reason) from None


def _client(asked: _Asked) -> AsyncMongoClient[dict[str, Any]]:
    options = client_options(asked.url, asked.app_name)
    if asked.password is not None:
        options["password"] = asked.password
    try:
        with warnings.catch_warnings():
            # The driver ignores an unknown option, with a warning that nobody sees.
            warnings.simplefilter("error", UserWarning)
            return AsyncMongoClient(
                asked.url,
                document_class=dict[str, Any],
                tz_aware=CODEC.tz_aware,
                datetime_conversion=CODEC.datetime_conversion,
                uuidRepresentation="standard",
                **options,
            )
    except InvalidURI:
        # The driver's message may contain a part of the URL.
        raise _usage(*_NO_URL) from None
    except (ConfigurationError, ValueError, TypeError, UserWarning):
        raise _usage("MONGODB_URL has an option that the driver refuses", "correct it, or remove it") from None


def client_options(url: str, app_name: str = _APP_NAME) -> dict[str, Any]:
    """Return the driver options that the connection string does not set. Names are compared without regard to case."""
    named = {name.lower(): value for name, value in parse_qsl(url.partition("?")[2], keep_blank_values=True)}
    if not url.startswith(("mongodb://", "mongodb+srv://")):
        raise _usage(*_NO_URL)
    if "timeoutms" in named:
        raise _usage("MONGODB_URL sets timeoutMS, which is not supported here", "remove it")
    wanted: dict[str, Any] = {**_DEFAULTS, "appName": app_name}
    options = {name: value for name, value in wanted.items() if name.lower() not in named}
    smallest, largest = (_number(named.get(name, "")) for name in ("minpoolsize", "maxpoolsize"))
    if smallest is not None and "maxPoolSize" in options:
        options["maxPoolSize"] = max(options["maxPoolSize"], smallest)
    # The driver refuses a minimum above the maximum. A maximum of 0 means that there is no limit.
    if largest and "minPoolSize" in options:
        options["minPoolSize"] = min(options["minPoolSize"], largest)
    return options


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() else None


def _usage(summary: str, fix: str, why: str = "") -> ConnectionProblem:
    return ConnectionProblem("USAGE", summary, why=why, fix=fix)


def _explained(error: PyMongoError) -> ConnectionProblem:
    if isinstance(error, OperationFailure) and error.code == _AUTHENTICATION_FAILED:
        fix = "correct the user, the password or authSource"
        return ConnectionProblem("AUTHENTICATION_FAILED", "Cannot connect to MongoDB", fix=fix)
    # This contains host names and network errors, but never a user.
    why = str(error).partition(", Timeout:")[0] if not isinstance(error, OperationFailure) else f"code {error.code}"
    fix = "start the server, or correct the hosts and the options in MONGODB_URL"
    return ConnectionProblem("CONNECTION_FAILED", "Cannot connect to MongoDB", why=why, fix=fix)
