"""Fetch what questions refer to."""

from __future__ import annotations

import time

import httpx
import requests

session = requests.Session()


def page_text(url: str) -> str:
    """No monitoring and no timeout: a server that never answers holds this thread for ever."""
    response = session.get(url)
    response.raise_for_status()
    return response.text


async def price(article: str) -> float:
    async with httpx.AsyncClient(base_url="https://shop.example.com") as client:
        response = await client.get(f"/api/articles/{article}", timeout=5)
    return float(response.json()["price"])


def wait_for_export(job: str) -> bytes:
    """Polls without a deadline: a job that hangs is asked about for ever."""
    while True:
        status = requests.get(f"https://export.example.com/jobs/{job}", timeout=10).json()
        if status["state"] == "done":
            return requests.get(status["url"], timeout=60).content
        time.sleep(2)
