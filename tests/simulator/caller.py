"""A client of the simulator in the standard library alone, and a clock that only ``advance`` moves."""

from __future__ import annotations

import base64
import hmac
import json
from dataclasses import dataclass
from http.client import HTTPConnection
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ci_gate.simulator import Simulator

SUITE = "Banking regression"
NOON = 1_751_371_200.0  # 2025-07-01 12:00:00 UTC
NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass
class Clock:
    now: float = NOON

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += seconds


@dataclass(frozen=True)
class Response:
    status: int
    body: bytes
    content_type: str

    @property
    def document(self) -> Any:
        return json.loads(self.body)

    @property
    def error(self) -> tuple[int, str, int]:
        """Return the HTTP status, and message and code of the single error."""
        (error,) = self.document["errors"]
        return self.status, error["msg"], error["code"]


@dataclass(frozen=True)
class Caller:
    simulator: Simulator
    clock: Clock

    @property
    def bank(self) -> str:
        return f"/api/public/bot/{self.simulator.bots[0].id}/testsuite"

    @property
    def airline(self) -> str:
        return f"/api/public/bot/{self.simulator.bots[1].id}/testsuite"

    def token(
        self, claims: Mapping[str, object] = NOTHING, *, algorithm: str = "HS256", secret: str | None = None
    ) -> str:
        head = _segment({"alg": algorithm, "typ": "JWT"})
        signed = f"{head}.{_segment({'appId': self.simulator.client_id, **claims})}"
        key = (self.simulator.client_secret if secret is None else secret).encode()
        return f"{signed}.{_base64(hmac.digest(key, signed.encode(), algorithm.replace('HS', 'sha')))}"

    def call(self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] = NOTHING) -> Response:
        """Send a request, with a valid token unless ``headers`` has another."""
        return self.bare(method, path, body, {"auth": self.token(), **headers})

    def bare(self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] = NOTHING) -> Response:
        """Send a request, without a token unless ``headers`` has one."""
        connection = HTTPConnection(urlsplit(self.simulator.url).netloc, timeout=10)
        try:
            connection.request(method, path, body, headers)
            with connection.getresponse() as response:
                return Response(response.status, response.read(), response.headers.get("Content-Type", ""))
        finally:
            connection.close()

    def order(self, suite: str = SUITE, *, version: str = "inDevelopment", base: str | None = None) -> Response:
        path = f"{base or self.bank}/{quote(suite, safe='')}/run"
        return self.call("POST", path, json.dumps({"version": version}).encode())

    def run(self, suite: str = SUITE, *, version: str = "inDevelopment", base: str | None = None) -> str:
        """Start a run and return its id."""
        run_id: str = self.order(suite, version=version, base=base).document["requestId"]
        return run_id

    def ask(self, run_id: str, suite: str = SUITE, *, base: str | None = None) -> Response:
        return self.call("GET", f"{base or self.bank}/{quote(suite, safe='')}/{run_id}/status")

    def status(self, run_id: str, suite: str = SUITE, *, base: str | None = None) -> dict[str, Any]:
        document: dict[str, Any] = self.ask(run_id, suite, base=base).document
        return document

    def completed(self, suite: str = SUITE, *, base: str | None = None) -> dict[str, Any]:
        """Start a run and return its status after its whole duration."""
        run_id = self.run(suite, base=base)
        self.clock.advance(6)
        return self.status(run_id, suite, base=base)

    def fetch(self, url: str) -> Response:
        """Return the file behind a link, which needs no token."""
        return self.bare("GET", url.removeprefix(self.simulator.url))


def _segment(document: dict[str, object]) -> str:
    return _base64(json.dumps(document).encode())


def _base64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
