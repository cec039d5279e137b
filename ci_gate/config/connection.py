"""The connection settings: the platform's address and credentials, independent of the command."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from ci_gate.config.credentials import read_credentials
from ci_gate.config.missing import how_to_give, incomplete
from ci_gate.config.parsers import read_base_url, read_existing_file, read_host
from ci_gate.config.settings import Remote

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ci_gate.config.sources import Sources


def resolve_connection(sources: Sources, environment: Mapping[str, str], missing: Iterable[str] = ()) -> Remote:
    """Return the platform's address, the credentials and the trusted certificates.

    ``missing`` holds a line for each other setting that is missing. If the host, the credentials or any of these are
    missing, raise one ``UsageError`` that lists all of them.
    """
    host = sources.get("host")
    lines = [] if host else [how_to_give("host", sources)]
    credentials, missing_credentials = read_credentials(sources.get("jwt_algorithm"), environment)
    lines += (*missing, *missing_credentials)
    if lines or host is None or credentials is None:
        raise incomplete(lines, sources)
    return Remote(
        host=host.read(partial(read_base_url, allow_http=sources.is_on("allow_http"))),
        credentials=credentials,
        results_host=sources.read("results_host", read_host),
        ca_file=sources.read("ca_file", read_existing_file),
    )
