"""Every call of the API needs a genuine token, and what makes one genuine is checked against the clock."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING

import pytest

from tests.simulator.caller import NOON

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.simulator.caller import Caller, Response

INVALID = (401, "Invalid SDK credentials", 4002)
MALFORMED = (401, "Invalid JWT token", 4002)
TOO_LONG = (401, 'error verifying the jwt: if "jti" claim "exp" must be <= 1 hour(s)', 401)
REPLAYED = (401, "error verifying the jwt: possibly a replay", 401)


def shown(caller: Caller, token: str) -> Response:
    """What the list of suites answers to a token."""
    return caller.call("GET", caller.bank, headers={"auth": token})


def part(document: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(document).encode()).rstrip(b"=").decode()


@pytest.mark.parametrize("algorithm", ["HS256", "HS512"])
def test_both_shared_secret_algorithms_are_accepted(caller: Caller, algorithm: str) -> None:
    assert shown(caller, caller.token(algorithm=algorithm)).status == 200


@pytest.mark.parametrize(
    "claims", [{"exp": NOON + 1}, {"iat": NOON}, {"iat": NOON + 60}, {"sub": "ci", "exp": NOON + 60, "iat": NOON - 60}]
)
def test_times_within_reason_are_accepted(caller: Caller, claims: dict[str, object]) -> None:
    assert shown(caller, caller.token(claims)).status == 200


@pytest.mark.parametrize(
    "claims", [{"exp": NOON}, {"exp": NOON - 1}, {"iat": NOON + 61}, {"appId": "cs-other"}, {"appId": None}]
)
def test_a_token_of_another_time_or_client_is_refused(caller: Caller, claims: dict[str, object]) -> None:
    assert shown(caller, caller.token(claims)).error == INVALID


def test_a_token_expires_by_the_clock(caller: Caller) -> None:
    token = caller.token({"exp": NOON + 30})
    assert shown(caller, token).status == 200
    caller.clock.advance(30)
    assert shown(caller, token).error == INVALID


def test_a_token_of_another_secret_is_refused(caller: Caller) -> None:
    assert shown(caller, caller.token(secret="somebody else's secret")).error == INVALID


def test_an_unsigned_token_is_refused(caller: Caller) -> None:
    unsigned = f"{part({'alg': 'none'})}.{part({'appId': caller.simulator.client_id})}."
    assert shown(caller, unsigned).error == INVALID


@pytest.mark.parametrize("path", ["{bank}", "{bank}/Banking%20smoke/tr-1/status", "/api/public/bot/st-other/testsuite"])
def test_a_call_without_a_token_is_refused(caller: Caller, path: str) -> None:
    assert caller.bare("GET", path.format(bank=caller.bank)).error == INVALID


def test_another_bot_is_refused_like_a_wrong_secret(caller: Caller) -> None:
    assert caller.call("GET", "/api/public/bot/st-other/testsuite").error == INVALID


@pytest.mark.parametrize("token", [
    "token", "a.b", "a.b.c.d", "é.é.é", f"{part({'alg': 'HS256'})}.{part([])}.", f"{part('HS256')}.{part({})}.",
    f"{part({'alg': 'HS256'})}.{part({})}.a", f"{part({'alg': 'HS256'})}.{part({'exp': 'soon'})}.",
    f"Bearer {part({'alg': 'HS256'})}.{part({})}.",
])  # fmt: skip
def test_a_malformed_token_is_refused(caller: Caller, token: str) -> None:
    assert shown(caller, token).error == MALFORMED


def test_a_token_serves_many_calls_unless_jti_is_enforced(caller: Caller) -> None:
    token = caller.token({"jti": "once"})
    assert [shown(caller, token).status for _ in range(2)] == [200, 200]


def test_with_jti_enforced_each_token_serves_one_call(simulate: Callable[..., Caller]) -> None:
    caller = simulate(enforce_jti=True)
    token = caller.token({"jti": "once", "exp": NOON + 3600})
    assert shown(caller, token).status == 200
    assert shown(caller, token).error == REPLAYED
    assert shown(caller, caller.token({"jti": "twice", "exp": NOON + 60})).status == 200


@pytest.mark.parametrize("claims", [{}, {"jti": ""}, {"jti": 5}])
def test_with_jti_enforced_a_token_without_one_is_refused(
    simulate: Callable[..., Caller], claims: dict[str, object]
) -> None:
    caller = simulate(enforce_jti=True)
    assert shown(caller, caller.token({"exp": NOON + 60} | claims)).error == INVALID


@pytest.mark.parametrize("claims", [{}, {"exp": NOON + 3601}])
def test_with_jti_enforced_a_token_lives_an_hour_at_most(
    simulate: Callable[..., Caller], claims: dict[str, object]
) -> None:
    caller = simulate(enforce_jti=True)
    assert shown(caller, caller.token({"jti": "long"} | claims)).error == TOO_LONG


def test_a_refused_token_does_not_use_up_its_jti(simulate: Callable[..., Caller]) -> None:
    caller = simulate(enforce_jti=True)
    assert shown(caller, caller.token({"jti": "once", "exp": NOON + 60}, secret="wrong")).error == INVALID
    assert shown(caller, caller.token({"jti": "once", "exp": NOON + 60})).status == 200
