"""monitorlint: find the AI calls, fetches and unbounded loops that no monitoring covers."""

__version__ = "0.1.0"
