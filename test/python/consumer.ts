/** A program of an application in Python. It prints one document of JSON. */
export const consumer = `
import asyncio
import json
from datetime import UTC, datetime

from pydantic import ValidationError
from sentimatrix_schema import check_health, close, connect
from sentimatrix_schema.models import NewUser, User


async def main() -> None:
    db = await connect()
    user = NewUser(email="ada@example.com", password_hash="x", created_at=datetime.now(UTC))
    await db.users.insert_one(user.to_document())
    found = User.model_validate(await db.users.find_one({"email": "ada@example.com"}))
    try:
        found.role = "root"
        refused = False
    except ValidationError:
        refused = True
    health = await check_health(db)
    await close()
    print(json.dumps([found.email, refused, health["status"], health["pending_migrations"]]))


asyncio.run(main())
`;
