"""BLAKE2 without OpenSSL, which `hashlib` loads first: 3 ms of a run over one file."""

from __future__ import annotations

try:
    from _blake2 import blake2b
except ImportError:  # an interpreter that keeps it elsewhere
    from hashlib import blake2b

__all__ = ["blake2b"]
