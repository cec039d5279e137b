"""The platform's endpoints, apart from sockets: the routes, what each call answers, and the runs they share."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote
from uuid import uuid4

from ci_gate.simulator.faults import Call, Faults
from ci_gate.simulator.links import Links
from ci_gate.simulator.results_file import results_file
from ci_gate.simulator.runs import Run, State, results, scores, status
from ci_gate.simulator.scenario import SCRIPTS, Scenario
from ci_gate.simulator.tokens import Gate
from ci_gate.simulator.understanding import answers
from ci_gate.simulator.wire import (
    Refusal,
    Reply,
    Request,
    invalid_arguments,
    invalid_credentials,
    json_object,
    json_reply,
    run_not_found,
    suite_not_found,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from ci_gate.simulator.catalogue import Bot, Suite

MEDIA = "/api/getMediaStream/media/"
VERSIONS = ("published", "inDevelopment")
LINK_EXPIRED_LONG_AGO = 3600  # seconds


class Platform:
    """Answers one request at a time, whatever the number of threads that ask."""

    def __init__(
        self,
        *,
        bots: tuple[Bot, ...],
        origin: str,
        scenario: Scenario,
        duration: float,
        enforce_jti: bool,
        clock: Callable[[], float],
    ) -> None:
        self._bots = {bot.id: bot for bot in bots}
        self._script = SCRIPTS[scenario]
        self._duration = duration
        self._clock = clock
        self._gate = Gate(enforce_jti=enforce_jti)
        self._links = Links(origin)
        self._faults = Faults(faulty=self._script.faulty)
        self._runs: dict[str, Run] = {}
        self._linked: set[str] = set()  # ids of the runs whose first link has been handed out
        self._lock = Lock()

    def answer(self, request: Request) -> Reply:
        with self._lock:
            try:
                return self._route(request)
            except Refusal as refusal:
                return refusal.reply

    def _route(self, request: Request) -> Reply:
        # Decoded only after the split, so that a suite's name may hold a slash.
        match [unquote(part) for part in request.path.split("/")]:
            case ["", "api", "public", "bot" | "stream", bot_id, "testsuite", *rest]:
                return self._call(request, self._admitted(request, bot_id), rest)
            case ["", "api", "getMediaStream", "media", file_name] if request.method == "GET":
                return self._faults.spoil(Call.FILE, lambda: self._file(request, file_name))
            case _:
                raise Refusal(404, "Not Found")

    def _call(self, request: Request, bot: Bot, rest: list[str]) -> Reply:
        match [request.method, *rest]:
            case ["GET"]:
                return self._list(request, bot)
            case ["POST", name, "run"]:
                return self._faults.spoil(Call.RUN, lambda: self._run(request, bot, name))
            case ["GET", name, run_id, "status"]:
                return self._faults.spoil(Call.STATUS, lambda: self._status(bot, name, run_id))
            case [_] | [_, _, "run"] | [_, _, _, "status"]:
                raise Refusal(405, "Method Not Allowed")
            case _:
                raise Refusal(404, "Not Found")

    def _admitted(self, request: Request, bot_id: str) -> Bot:
        self._gate.admit(request.token, now=self._clock())
        if self._script.refusal is not None:
            raise self._script.refusal()
        if bot_id not in self._bots:  # a bot that the client does not own looks like a wrong secret
            raise invalid_credentials()
        return self._bots[bot_id]

    def _suite(self, bot: Bot, name: str) -> Suite:
        suite = bot.suite(name)
        if suite is None or self._script.hides_suites:
            raise suite_not_found()
        return suite

    def _run(self, request: Request, bot: Bot, name: str) -> Reply:
        order = json_object(request.body)
        if order is None or order.get("version") not in VERSIONS or not isinstance(order.get("engine", ""), str):
            raise invalid_arguments()
        suite, version = self._suite(bot, name), order["version"]
        now = self._clock()
        if any(run.bot is bot and run.state(now) is State.RUNNING for run in self._runs.values()):
            raise Refusal(400, "Another batch test execution is in progress for this bot")
        run = Run(
            key=str(uuid4()),
            bot=bot,
            reported_bot=next(it for it in self._bots.values() if it is not bot) if self._script.mistakes_bot else bot,
            suite=suite,
            version=version,
            language=request.language or "en",
            started=now,
            duration=self._duration * self._script.stretch,
            halts_at=self._script.halts_at,
            ending=self._script.ending,
            file_delay=self._script.file_delay,
            answers=answers(suite, self._script.understanding_of(version), drops_every=self._script.drops_every),
        )
        self._runs[run.id] = run
        return json_reply({"status": "accepted", "requestId": run.id})

    def _status(self, bot: Bot, name: str, run_id: str) -> Reply:
        suite = self._suite(bot, name)
        run = self._runs.get(run_id)
        if run is None or run.bot is not bot or run.suite is not suite:
            raise run_not_found()
        now = self._clock()
        file_url = self._fresh_link(run, now) if run.has_file(now) else None
        return json_reply(status(run, now=now, language=run.language, file_url=file_url))

    def _fresh_link(self, run: Run, now: float) -> str:
        is_first = run.id not in self._linked
        self._linked.add(run.id)
        issued = now - LINK_EXPIRED_LONG_AGO if is_first and self._script.first_link_expired else now
        return self._links.issue(MEDIA + run.file_name, download_name=run.download_name, now=issued)

    def _file(self, request: Request, file_name: str) -> Reply:
        run = next((run for run in self._runs.values() if run.file_name == file_name), None)
        if run is None:
            raise Refusal(404, "Not Found")
        self._links.check(request.path, request.query, download_name=run.download_name, now=self._clock())
        return Reply(status=200, body=results_file(run).encode(), content_type="text/csv; charset=utf-8")

    def _list(self, request: Request, bot: Bot) -> Reply:
        suites = bot.contents
        query = parse_qs(request.query)
        skip, limit = _whole_number(query, "skip", 0), _whole_number(query, "limit", len(suites))
        page = suites[skip : skip + limit]
        listed: dict[str, Any] = {"count": len(suites), "moreAvailable": skip + limit < len(suites)}
        listed |= {suite.id: self._listed_suite(bot, suite) for suite in page}
        listed |= {
            name: {"testSuiteType": "prebuilt", "results": []} for name in ("AllMlUtterances", "Last100sentences")
        }
        return json_reply(listed)

    def _listed_suite(self, bot: Bot, suite: Suite) -> dict[str, Any]:
        runs = [self._listed_run(run) for run in self._runs.values() if run.bot is bot and run.suite is suite]
        return {"testSuiteType": "custom", "name": suite.name, "description": suite.description, "results": runs}

    def _listed_run(self, run: Run) -> dict[str, Any]:
        listed: dict[str, Any] = {"_id": f"tx-{run.key}", "version": run.version}
        if run.state(self._clock()) is State.COMPLETED:
            listed |= {"results": results(run.counts)} | scores(run.counts)
        return listed


def _whole_number(query: dict[str, list[str]], name: str, default: int) -> int:
    text = query.get(name, [str(default)])[-1]
    if not text.isdecimal():
        raise invalid_arguments()
    return int(text)
