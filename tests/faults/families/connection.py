"""Faults of the connection: nothing, or not the whole of it, gets through."""

from __future__ import annotations

from tests.faults.machines import dead_resolver
from tests.faults.model import NEVER, PASSES, Fault, Script, Start, Tls, ends
from tests.faults.platform import lets_in
from tests.kore.scripted_server import resets

FAULTS = (
    Fault(
        "nobody listens",
        Script(opens_after=NEVER),
        ends(3, "could not be reached (connection refused)", mend="is --host right"),
    ),
    Fault("nobody listens at first", Script(opens_after=4), PASSES),
    Fault("status: reset twice before it is read", Script(door=(lets_in, *[resets(after=0)] * 2, ...)), PASSES),
    Fault("reset in the middle of the TLS handshake", Script(tls=Tls(), door=(resets(after=20), ...)), PASSES),
    Fault(
        "start: reset after it was sent",
        Script(start=(resets(after=None), ...)),
        ends(3, "the connection", mend=("a run may have started", "ci-gate gate ID")),
    ),
    Fault(
        "certificate: expired",
        Script(tls=Tls(expired=True)),
        ends(3, "the certificate of localhost is not trusted: certificate has expired", mend="is it the right host"),
    ),
    Fault("certificate: of a private authority that is trusted", Script(tls=Tls()), PASSES),
    Fault(
        "a resolver that never answers",
        Script(),
        ends(3, "could not be reached (no whole answer within", mend="can this machine reach it"),
        Start(machine=dead_resolver),
    ),
)
