"""Prints the health of a database as JSON: `health_once.py URL DATABASE`."""

import asyncio
import json
import sys
from typing import Any

from pymongo import AsyncMongoClient

from sentimatrix_schema import check_health


async def main(url: str, database: str) -> None:
    async with AsyncMongoClient[dict[str, Any]](url) as client:
        print(json.dumps(await check_health(client[database], timeout=1)))


asyncio.run(main(*sys.argv[1:]))
