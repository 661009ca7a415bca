"""As much of requests as the programs of tests/programs.py use."""

from world import Response, answer


class RequestException(OSError):  # noqa: N818 - its name there
    pass


def get(url: str, *, timeout: float | None = None, params: object = None) -> Response:
    return Response(answer(f"get {url} {params} {timeout}", RequestException))
