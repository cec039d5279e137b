"""Faults of the link to the results file: missing, late, expired, or to a forbidden location."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.tools.faults.good_run import MEDIA, SIGNATURE
from tests.tools.faults.model import FAILS, PASSES, STRICT, Fault, Script, Start, Tls, ends
from tests.tools.faults.replies import ABSENT, completed, completed_with_link, elsewhere, says

if TYPE_CHECKING:
    from tests.tools.faults.model import Ending

_ANYHOW = "--tolerate no-file"
_NO_URL = "the link to the results file is not a URL"
_SCHEME = "the link to the results file does not start with https:// or http://"
_SOON = 4


def _link(name: str, text: str, must: Ending) -> Fault:
    return Fault(f"link: {name}", Script(status=(completed({"result.fileUrl": text}),)), must)


def _blocked(name: str, text: str, cause: str) -> Fault:
    return _link(name, text, ends(5, cause, mend=_ANYHOW))


_LATE = (
    Fault(
        "link: missing for ever",
        Script(status=(completed({"result.fileUrl": ABSENT}),)),
        ends(5, "the platform offers no results file", mend=_ANYHOW),
        timeout=_SOON,
    ),
    Fault(
        "link: null for ever",
        Script(status=(completed({"result.fileUrl": None, "result.isAvailable": False}),)),
        ends(5, "the platform offers no results file", mend=_ANYHOW),
        timeout=_SOON,
    ),
    Fault("link: late", Script(status=(*[completed({"result.fileUrl": ABSENT})] * 2, ...)), PASSES),
    Fault("file: late", Script(file=(says(404), says(404), ...)), FAILS, STRICT),
    Fault("link: expired once", Script(file=(says(403), ...)), PASSES),
    Fault(
        "link: expired always",
        Script(file=(says(403),)),
        ends(5, "the server answered 403", mend=_ANYHOW),
    ),
    Fault(
        "file: not there for ever",
        Script(file=(says(404),)),
        ends(5, "the server answered 404", mend=_ANYHOW),
        timeout=_SOON,
    ),
)

_HOSTS = (
    Fault("link: to a foreign host, https", Script(tls=Tls(), status=(completed_with_link(elsewhere),)), PASSES),
    Fault(
        "link: to a foreign host, http",
        Script(status=(completed_with_link(elsewhere),)),
        ends(5, "is served over http by localhost, another host than the platform", mend="--results-host localhost"),
    ),
    Fault(
        "link: to a foreign host, http, which is allowed",
        Script(status=(completed_with_link(elsewhere),)),
        PASSES,
        Start(environment={"CI_GATE_RESULTS_HOST": "localhost"}),
    ),
    Fault(
        "link: to a foreign host, http, and another is allowed",
        Script(status=(completed_with_link(elsewhere),)),
        ends(5, "is served over http by localhost", mend="--results-host localhost"),
        Start(environment={"CI_GATE_RESULTS_HOST": "localhost.example"}),
    ),
    Fault(
        "link: http on the platform's own host, which speaks https",
        Script(tls=Tls(), status=(completed_with_link(lambda origin: origin.replace("https:", "http:")),)),
        PASSES,
    ),
    Fault(
        "link: http and another port on the platform's own host",
        Script(tls=Tls(), status=(completed_with_link(lambda _: "http://localhost:1"),)),
        PASSES,
    ),
    Fault(
        "link: https where nobody listens",
        Script(status=(completed_with_link(lambda _: "https://127.0.0.1:1"),)),
        ends(5, "the results file could not be fetched: connection refused", mend=_ANYHOW),
        timeout=_SOON,
    ),
    Fault(
        "link: https with a certificate that nobody trusts",
        Script(tls=Tls(name="platform.example"), status=(completed_with_link(str),)),
        ends(3, "is not trusted", mend="is it the right host?"),
    ),
)

_TEXTS = (
    _link("without a host", f"{MEDIA}results.csv?e=1&s={SIGNATURE}", PASSES),
    _blocked("a script", "javascript:alert(1)", "the link to the results file"),
    _blocked("a file of this machine", "file:///etc/passwd", "the link to the results file"),
    _blocked("a file of this machine, with a host", "file://localhost/etc/passwd", _SCHEME),
    _blocked("ftp", "ftp://files.example/x.csv", _SCHEME),
    _blocked("data", "data:text/csv,Utterance", "the link to the results file"),
    _blocked("broken brackets", f"https://[::::/x?s={SIGNATURE}", _NO_URL),
    _blocked("a port that is none", f"https://x:99999999/x?s={SIGNATURE}", _NO_URL),
    _blocked("blanks within", f"https://127.0.0.1/a b?s={SIGNATURE}", "holds blanks or control characters"),
    _blocked("a second request within", f"https://127.0.0.1/a\r\nX: y?s={SIGNATURE}", "the link to the results file"),
    _blocked("letters that no URL has", f"https://127.0.0.1/\xe4?s={SIGNATURE}", "holds characters that no URL has"),
    _blocked("a host with letters that no name has", "https://ex\xe4mple/?s=1", _NO_URL),
    Fault(
        "link: empty",
        Script(status=(completed({"result.fileUrl": ""}),)),
        ends(5, "results file", mend=_ANYHOW),
        timeout=_SOON,
    ),
    Fault(
        "link: a number",
        Script(status=(completed({"result.fileUrl": 7}),)),
        ends(5, "results file", mend=_ANYHOW),
        timeout=_SOON,
    ),
)

FAULTS = (*_LATE, *_HOSTS, *_TEXTS)
