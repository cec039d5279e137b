"""The certificates that are trusted, and the error for one that is not. Only home of certifi."""

from __future__ import annotations

import re
import ssl
from contextlib import suppress
from pathlib import Path

import certifi

from ci_gate.errors import PlatformError, UsageError

_STRICT = range(80, 95)
"""OpenSSL's codes for errors that only its strict mode finds. Python uses that mode since 3.13."""


def trusted(ca_file: str | None) -> ssl.SSLContext:
    """Return a context that trusts the system's authorities and those in ``ca_file``.

    If the system has none, as in a slim container, those of certifi are trusted instead. Raise ``UsageError`` if the
    certificates cannot be read.
    """
    try:
        context = ssl.create_default_context()
        # A file that SSLKEYLOGFILE names would decrypt every recorded connection, token included.
        context.keylog_filename = None  # type: ignore[assignment]
        if _is_empty(context):
            context.load_verify_locations(cafile=certifi.where())
        if ca_file is not None:
            context.load_verify_locations(cafile=ca_file)
    except OSError:
        where = f"--ca-file '{ca_file}'" if ca_file is not None else "SSL_CERT_FILE or the system's store"
        raise UsageError(f"the certificates of {where} cannot be read", hint="expected a PEM file") from None
    return context


def distrusted(host: str | None, problem: ssl.SSLCertVerificationError) -> PlatformError:
    """Return the error for a certificate that was refused, after which a retry cannot help."""
    hint = "is it the right host? for a private authority: --ca-file, or SSL_CERT_FILE"
    if problem.verify_code in _STRICT:
        hint = (
            "Python 3.13 and later refuse certificates that break RFC 5280, which earlier ones accept: have the "
            "certificate, or that of the authority which issued it, made anew with what is missing, or run ci-gate "
            "with Python 3.12; --ca-file does not help"
        )
    return PlatformError(f"the certificate of {host} is not trusted: {problem.verify_message}", hint=hint)


def _is_empty(context: ssl.SSLContext) -> bool:
    """Return whether the system has no authorities, neither in its file nor in its folder, which is read on demand."""
    folder = ssl.get_default_verify_paths().capath
    names: list[str] = []
    with suppress(OSError):
        names = [entry.name for entry in Path(folder).iterdir()] if folder else []
    return not context.cert_store_stats()["x509_ca"] and not any(re.fullmatch(r"[0-9a-f]{8}\.\d+", n) for n in names)
