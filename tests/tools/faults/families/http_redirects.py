"""Faults of redirects: requests with the token follow none; the download of results follows a few, only to https."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.tools.faults.good_run import MEDIA, RUN_ID
from tests.tools.faults.model import PASSES, Fault, Script, Start, Tls, ends
from tests.tools.faults.platform import by_path
from tests.tools.faults.replies import elsewhere, file, says, sends_on

if TYPE_CHECKING:
    from collections.abc import Callable

_HOST = "give the platform's own address as --host"
_ANYHOW = "--tolerate no-file"


def _itself(origin: str) -> str:
    return f"{origin}/api/public/bot/x/testsuite/Smoke/run"


def _file_at(change: Callable[[str], str]) -> Callable[[str], str]:
    """Return a function from the platform's origin to the URL of the results file on the server ``change(origin)``."""
    return lambda origin: f"{change(origin)}{MEDIA}next.csv?e=1&s=abc"


_API: dict[str, Callable[[str], str]] = {
    "itself": _itself,
    "http": lambda origin: _itself(origin).replace("https:", "http:"),
    "a foreign host": lambda origin: _itself(elsewhere(origin)),
    "nowhere": lambda _origin: "",
    "what is no URL": lambda _origin: "ht!tp:/[::::\x7f",
}

_TOKEN = (
    *(
        Fault(
            f"start: {code} to {name}",
            Script(start=(sends_on(target, code),), tls=Tls()),
            ends(3, f"the platform answered {code}", "a redirect", mend=_HOST),
        )
        for code, (name, target) in zip((301, 302, 307, 308, 303), _API.items(), strict=True)
    ),
    *(
        Fault(
            f"status: {code} to {name}",
            Script(status=(sends_on(target, code),), tls=Tls()),
            ends(3, f"the platform answered {code}", "a redirect", mend=(_HOST, RUN_ID)),
        )
        for code, (name, target) in zip((308, 301, 302, 303, 307), _API.items(), strict=True)
    ),
    Fault(
        "status: 304",
        Script(status=(says(304),)),
        ends(3, "the platform answered 304", mend=_HOST),
    ),
)

_FIRST_SENT_ON = by_path({"results.csv": sends_on(_file_at(str)), "next.csv": file()})

_RESULTS = (
    Fault("file: sent on once", Script(file=(_FIRST_SENT_ON,), tls=Tls()), PASSES),
    Fault(
        "file: sent on to another place of the same host, without its name",
        Script(file=(by_path({"results.csv": sends_on(lambda _: f"{MEDIA}next.csv"), "next.csv": file()}),), tls=Tls()),
        PASSES,
    ),
    Fault(
        "file: sent on to a foreign host",
        Script(file=(by_path({"results.csv": sends_on(_file_at(elsewhere)), "next.csv": file()}),), tls=Tls()),
        PASSES,
    ),
    Fault(
        "file: sent on to itself, for ever",
        Script(file=(sends_on(_file_at(str)),), tls=Tls()),
        ends(5, "the download was redirected more than 3 times", mend=_ANYHOW),
    ),
    Fault(
        "file: sent on between two hosts, for ever",
        Script(
            file=(by_path({"results.csv": sends_on(_file_at(elsewhere)), "next.csv": sends_on(_file_at(str))}),),
            tls=Tls(),
        ),
        ends(5, "the download was redirected more than 3 times", mend=_ANYHOW),
    ),
    Fault(
        "file: sent on to http",
        Script(file=(sends_on(_file_at(lambda origin: origin.replace("https:", "http:"))),), tls=Tls()),
        ends(5, "redirected to a URL that does not start with https://", mend=_ANYHOW),
    ),
    Fault(
        "file: sent on to a file of this machine",
        Script(file=(sends_on(lambda _: "file:///etc/passwd"),), tls=Tls()),
        ends(5, "the link to the results file is not a URL that can be fetched", mend=_ANYHOW),
    ),
    Fault(
        "file: sent on to nowhere",
        Script(file=(sends_on(lambda _: ""),), tls=Tls()),
        ends(5, "redirected without a target", mend=_ANYHOW),
    ),
    Fault(
        "file: sent on to what is no URL",
        Script(file=(sends_on(lambda _: "https://[::::/"),), tls=Tls()),
        ends(5, "the link to the results file is not a URL", mend=_ANYHOW),
    ),
    Fault(
        "file: sent on once, which is tolerated as if there were none",
        Script(file=(sends_on(lambda _: ""),), tls=Tls()),
        PASSES,
        Start(environment={"CI_GATE_TOLERATE": "no-file"}),
    ),
)

FAULTS = (*_TOKEN, *_RESULTS)
