"""Returns a project's newest results, stores API keys, and answers health probes."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from bson import ObjectId
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from pydantic import MISSING, BaseModel, ConfigDict, ValidationError

from sentimatrix_schema import CachedHealth, close, connect
from sentimatrix_schema.models import NewApiKey, Result
from sentimatrix_schema.values import Id, Text


class ApiKeyBody(BaseModel):
    """The fields that a client may set. With the document model, a client could set any field."""

    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)

    user_id: Id
    provider: Literal["anthropic", "google", "openai"]
    encrypted_key: Annotated[str, Text(min_length=1, max_length=4096)]
    label: Annotated[str, Text(min_length=1, max_length=100)] | MISSING = MISSING


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    # Uses MONGODB_URL and MONGODB_DATABASE. If it fails, the message says what is wrong, and the fix.
    app.state.db = await connect(app_name="fastapi-app")
    app.state.health = CachedHealth(app.state.db)
    yield
    await close()


app = FastAPI(lifespan=lifespan)
NO_STORE = {"cache-control": "no-store"}


@app.api_route("/health/db", methods=["GET", "HEAD"])
async def ready(request: Request) -> JSONResponse:
    health = await request.app.state.health()
    return JSONResponse(health, 200 if health["healthy"] else 503, NO_STORE)


@app.api_route("/health/live", methods=["GET", "HEAD"])
async def live() -> JSONResponse:
    return JSONResponse({"status": "live"}, 200, NO_STORE)


@app.get("/projects/{project_id}/results")
async def newest_results(request: Request, project_id: str) -> JSONResponse:
    if not ObjectId.is_valid(project_id):
        return JSONResponse({"error": "a project has an id of 24 hex digits"}, 400)
    db = request.app.state.db
    project = await db.projects.find_one({"_id": ObjectId(project_id)}, {"name": 1})
    if project is None:
        return JSONResponse({"error": "there is no such project"}, 404)
    # Uses the index project_id_1_created_at_1 in reverse order.
    found = db.results.find({"project_id": project["_id"]}).sort({"created_at": -1}).limit(20)
    results = [shown(Result.model_validate(one)) async for one in found]
    return JSONResponse({"project": project["name"], "results": results})


def shown(result: Result) -> dict[str, Any]:
    analysis = result.analysis
    sentiment = None if analysis is MISSING else analysis.sentiment.label
    created_at = result.created_at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {"text": result.content.text, "sentiment": sentiment, "created_at": created_at}


@app.post("/api-keys")
async def create_api_key(request: Request) -> JSONResponse:
    try:
        # Validates the JSON text, where ids are strings, not FastAPI's parsed body.
        body = ApiKeyBody.model_validate_json(await request.body())
    except ValidationError as error:
        return JSONResponse({"errors": [problem(one) for one in error.errors()]}, 422)
    # model_dump omits fields that are MISSING.
    key = NewApiKey.model_validate({**body.model_dump(), "is_active": True, "created_at": datetime.now(UTC)})
    made = await request.app.state.db.api_keys.insert_one(key.to_document())
    return JSONResponse({"id": str(made.inserted_id)}, 201)


def problem(error: Any) -> dict[str, str]:
    """Return the field and the rule, without values, and without names that the client has invented."""
    place = ".".join(str(part) for part in error["loc"] if part in ApiKeyBody.model_fields)
    message = "is not known" if error["type"] == "extra_forbidden" else error["msg"]
    return {"place": place or "body", "problem": "is not JSON" if error["type"] == "json_invalid" else message}
