"""Every call of the API needs a valid token."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING

from tests.simulator.caller import NOON

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.simulator.caller import Caller, Response

INVALID = (401, "Invalid SDK credentials", 4002)
MALFORMED = (401, "Invalid JWT token", 4002)
TOO_LONG = (401, 'error verifying the jwt: if "jti" claim "exp" must be <= 1 hour(s)', 401)
REPLAYED = (401, "error verifying the jwt: possibly a replay", 401)


def shown(caller: Caller, token: str) -> Response:
    return caller.call("GET", caller.bank, headers={"auth": token})


def part(document: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(document).encode()).rstrip(b"=").decode()


def test_token_of_either_algorithm_and_of_reasonable_times_is_accepted(caller: Caller) -> None:
    for algorithm in ("HS256", "HS512"):
        assert shown(caller, caller.token(algorithm=algorithm)).status == 200
    times: tuple[dict[str, object], ...] = (
        {"exp": NOON + 1}, {"iat": NOON}, {"iat": NOON + 60}, {"sub": "ci", "exp": NOON + 60, "iat": NOON - 60},
    )  # fmt: skip
    for claims in times:
        assert shown(caller, caller.token(claims)).status == 200


def test_token_of_another_time_client_or_secret_is_refused(caller: Caller) -> None:
    others: tuple[dict[str, object], ...] = (
        {"exp": NOON}, {"exp": NOON - 1}, {"iat": NOON + 61}, {"appId": "cs-other"}, {"appId": None},
    )  # fmt: skip
    for claims in others:
        assert shown(caller, caller.token(claims)).error == INVALID
    assert shown(caller, caller.token(secret="somebody else's secret")).error == INVALID
    unsigned = f"{part({'alg': 'none'})}.{part({'appId': caller.simulator.client_id})}."
    assert shown(caller, unsigned).error == INVALID


def test_token_expires_by_the_clock(caller: Caller) -> None:
    token = caller.token({"exp": NOON + 30})
    assert shown(caller, token).status == 200
    caller.clock.advance(30)
    assert shown(caller, token).error == INVALID


def test_call_without_a_token_or_to_another_bot_is_refused(caller: Caller) -> None:
    for path in (caller.bank, f"{caller.bank}/Banking%20smoke/tr-1/status", "/api/public/bot/st-other/testsuite"):
        assert caller.bare("GET", path).error == INVALID
    assert caller.call("GET", "/api/public/bot/st-other/testsuite").error == INVALID


def test_malformed_token_is_refused(caller: Caller) -> None:
    head = part({"alg": "HS256"})
    for token in (
        *("token", "a.b", "a.b.c.d", "é.é.é", f"{head}.{part([])}.", f"{part('HS256')}.{part({})}."),
        *(f"{head}.{part({})}.a", f"{head}.{part({'exp': 'soon'})}.", f"Bearer {head}.{part({})}."),
    ):
        assert shown(caller, token).error == MALFORMED


def test_token_serves_several_calls_unless_jti_is_enforced(caller: Caller) -> None:
    token = caller.token({"jti": "once"})
    assert [shown(caller, token).status for _ in range(2)] == [200, 200]


def test_enforced_jti_serves_one_call(simulate: Callable[..., Caller]) -> None:
    caller = simulate(enforce_jti=True)
    token = caller.token({"jti": "once", "exp": NOON + 3600})
    assert shown(caller, caller.token({"jti": "once", "exp": NOON + 60}, secret="wrong")).error == INVALID
    assert shown(caller, token).status == 200
    assert shown(caller, token).error == REPLAYED
    assert shown(caller, caller.token({"jti": "twice", "exp": NOON + 60})).status == 200


def test_enforced_jti_must_be_there_and_live_an_hour_at_most(simulate: Callable[..., Caller]) -> None:
    caller = simulate(enforce_jti=True)
    missing: tuple[dict[str, object], ...] = ({}, {"jti": ""}, {"jti": 5})
    for claims in missing:
        assert shown(caller, caller.token({"exp": NOON + 60} | claims)).error == INVALID
    overlong: tuple[dict[str, object], ...] = ({}, {"exp": NOON + 3601})
    for claims in overlong:
        assert shown(caller, caller.token({"jti": "long"} | claims)).error == TOO_LONG
