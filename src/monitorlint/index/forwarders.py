"""Calls that run a function they are handed."""

from __future__ import annotations

FORWARDERS = {
    "to_thread": 0,
    "run_in_executor": 1,
    "submit": 0,
    "map": 0,
    "imap": 0,
    "starmap": 0,
    "partial": 0,
    "run_sync": 0,
    "run_in_threadpool": 0,
    "sync_to_async": 0,
    "make_async": 0,
    "asyncify": 0,
    "call_soon": 0,
    "apply_async": 0,
}
"""Calls that run the function they are handed (by its position): handing over ``client.x.create`` is calling it."""
