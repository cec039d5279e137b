"""Faults on the way to the platform: its name, its certificate, and the proxy in between."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.kore.scripted_server import hangs, resets
from tests.tools.faults.machines import (
    dead_addresses_first,
    dead_resolver,
    resolver_that_fails_twice,
    resolver_that_knows_no_name,
)
from tests.tools.faults.model import NEVER, PASSES, Fault, Script, Start, Tls, ends
from tests.tools.faults.platform import lets_in, lets_in_unencrypted, opens_tunnel
from tests.tools.faults.replies import completed, says

if TYPE_CHECKING:
    from tests.tools.faults.model import Behaviours

_SOON = 4
_BY_NAME = {"CI_GATE_HOST": "http://localhost:{port}", "CI_GATE_RESULTS_HOST": "127.0.0.1"}
_REACH = "is --host right, and can this machine reach it?"
_TRUST = "is it the right host? for a private authority: --ca-file, or SSL_CERT_FILE"
_FAR = "https://platform.example"


def _certificate(name: str, tls: Tls, problem: str) -> Fault:
    cause = f"the certificate of localhost is not trusted: {problem}"
    return Fault(f"certificate: {name}", Script(tls=tls), ends(3, cause, mend=_TRUST))


def _proxied(*tunnel: object, opens_after: float = 0.0) -> Script:
    answers: Behaviours = tunnel or (...,)  # type: ignore[assignment]
    return Script(
        tls=Tls(name="platform.example"),
        door=(lets_in_unencrypted,),
        tunnel=answers,
        status=(completed({"result.fileUrl": f"{_FAR}/api/getMediaStream/media/results.csv"}),),
        opens_after=opens_after,
    )


def _behind_proxy(**environment: str) -> Start:
    return Start(environment={"CI_GATE_HOST": _FAR, "HTTPS_PROXY": "http://127.0.0.1:{port}", **environment})


_NAMES = (
    Fault(
        "a resolver that never answers",
        Script(),
        ends(3, "could not be reached (no whole answer within", mend=_REACH),
        Start(machine=dead_resolver),
    ),
    Fault(
        "a resolver that knows no name",
        Script(),
        ends(3, "could not be reached (name or service not known)", mend=_REACH),
        Start(machine=resolver_that_knows_no_name, environment={"CI_GATE_HOST": _FAR}),
        timeout=_SOON,
    ),
    Fault("a resolver that fails twice", Script(), PASSES, Start(machine=resolver_that_fails_twice)),
    Fault(
        "a name with two addresses, at one of which nobody listens",
        Script(),
        PASSES,
        Start(environment=_BY_NAME),
    ),
    Fault(
        "a name with two dead addresses before the one that answers",
        Script(),
        PASSES,
        Start(machine=dead_addresses_first, environment=_BY_NAME),
        timeout=15,
    ),
)

_CERTIFICATES = (
    _certificate("expired", Tls(expired=True), "certificate has expired"),
    _certificate("of nobody that is trusted", Tls(trusted=False), "self-signed certificate"),
    _certificate("of another name", Tls(name="platform.example"), "hostname mismatch"),
    Fault("certificate: of a private authority that is trusted", Script(tls=Tls()), PASSES),
    Fault(
        "certificate: trusted by SSL_CERT_FILE",
        Script(tls=Tls()),
        PASSES,
        Start(environment={"CI_GATE_CA_FILE": None, "SSL_CERT_FILE": "{folder}/authority/certificate.pem"}),
    ),
    Fault("reset in the middle of the TLS handshake", Script(tls=Tls(), door=(resets(after=20), ...)), PASSES),
    Fault(
        "reset in the middle of every TLS handshake",
        Script(tls=Tls(), door=(resets(after=20),)),
        ends(3, "could not be reached", mend=_REACH),
        timeout=_SOON,
    ),
    Fault(
        "TLS handshakes that are never answered",
        Script(tls=Tls(), door=(hangs(),)),
        ends(3, "could not be reached", mend=_REACH),
        timeout=_SOON,
    ),
    Fault(
        "https to a server that speaks no TLS",
        Script(),
        ends(3, "could not be reached", mend=_REACH),
        Start(environment={"CI_GATE_HOST": "https://localhost:{port}"}),
        timeout=_SOON,
    ),
    Fault(
        "http to a server that speaks TLS",
        Script(tls=Tls(), door=(lets_in,)),
        ends(3, "could not be reached", mend="a run may have started"),
        Start(environment={"CI_GATE_HOST": "http://localhost:{port}"}),
        timeout=_SOON,
    ),
)

_PROXIES = (
    Fault("proxy: opens a tunnel", _proxied(opens_tunnel), PASSES, _behind_proxy()),
    *(
        Fault(
            f"proxy: refuses with {code}, for ever",
            _proxied(says(code)),
            ends(3, "could not be reached (the proxy refused)", mend="proxies are taken from HTTPS_PROXY"),
            _behind_proxy(),
            timeout=_SOON,
        )
        for code in (403, 407, 502)
    ),
    Fault("proxy: refuses twice", _proxied(says(503), says(503), opens_tunnel), PASSES, _behind_proxy()),
    Fault(
        "proxy: breaks off the tunnel",
        _proxied(resets(after=None)),
        ends(3, "could not be reached", mend="proxies are taken from HTTPS_PROXY"),
        _behind_proxy(),
        timeout=_SOON,
    ),
    Fault(
        "proxy: hangs",
        _proxied(hangs()),
        ends(3, "could not be reached", mend="proxies are taken from HTTPS_PROXY"),
        _behind_proxy(),
        timeout=_SOON,
    ),
    Fault(
        "proxy: nobody listens there",
        _proxied(opens_after=NEVER),
        ends(3, "could not be reached (connection refused)", mend="proxies are taken from HTTPS_PROXY"),
        _behind_proxy(),
        timeout=_SOON,
    ),
    Fault(
        "proxy: of a kind that is not there",
        Script(),
        ends(2, "the proxy settings make no sense", mend="socks is not supported"),
        _behind_proxy(HTTPS_PROXY="socks5://127.0.0.1:1"),
    ),
    Fault(
        "proxy: set, but the platform is on this machine",
        Script(),
        PASSES,
        Start(environment={"HTTPS_PROXY": "http://127.0.0.1:1", "HTTP_PROXY": "http://127.0.0.1:1"}),
    ),
)

FAULTS = (*_NAMES, *_CERTIFICATES, *_PROXIES)
