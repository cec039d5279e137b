"""A stand-in on loopback for GitHub's API for pull request comments: list, create and update."""

from __future__ import annotations

import json
import re
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import parse_qs, urlsplit

if TYPE_CHECKING:
    from types import TracebackType

BOT = "github-actions[bot]"
LIMIT = 65_536
"""The maximum length of a comment, in characters."""

_COMMENTS = re.compile(r"/repos/acme/banking/issues/(\d+)/comments")
_COMMENT = re.compile(r"/repos/acme/banking/issues/comments/(\d+)")
TOKEN = "an-invented-token"


@dataclass(slots=True)
class Comment:
    """A comment on an issue; in this API, a pull request is an issue."""

    id: int
    issue: int
    author: str
    body: str

    def document(self) -> dict[str, Any]:
        kind = "Bot" if self.author.endswith("[bot]") else "User"
        return {"id": self.id, "body": self.body, "user": {"login": self.author, "type": kind}}


class FakeGitHub:
    """The comments of the repository acme/banking; comments written with the workflow's token are the bot's."""

    def __init__(self) -> None:
        self.comments: list[Comment] = []
        self.writes: list[str] = []
        """The method and path of every request that changed something."""
        self.pages_read = 0
        self._server = _Server(("127.0.0.1", 0), _handler_of(self))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def add(self, issue: int, author: str, body: str) -> Comment:
        """Add a comment."""
        comment = Comment(1001 + len(self.comments), issue, author, body)
        self.comments.append(comment)
        return comment

    def by_bot(self, issue: int) -> list[str]:
        """Return the texts of the bot's comments on an issue."""
        return [comment.body for comment in self.comments if (comment.issue, comment.author) == (issue, BOT)]

    def answer(self, method: str, target: str, document: Any) -> tuple[int, Any, str]:
        """Return the status code, the document and the link header of the reply."""
        url = urlsplit(target)
        if method != "GET":
            self.writes.append(f"{method} {url.path}")
            if not document["body"] or len(document["body"]) > LIMIT:
                return 422, {"message": "Validation Failed", "errors": ["body is too long"]}, ""
        issue, one = _COMMENTS.fullmatch(url.path), _COMMENT.fullmatch(url.path)
        if issue and method == "GET":
            return self._page(int(issue[1]), parse_qs(url.query))
        if issue and method == "POST":
            return 201, self.add(int(issue[1]), BOT, document["body"]).document(), ""
        found = [comment for comment in self.comments if one and method == "PATCH" and comment.id == int(one[1])]
        if not found:
            return 404, {"message": "Not Found"}, ""
        found[0].body = document["body"]
        return 200, found[0].document(), ""

    def _page(self, issue: int, query: dict[str, list[str]]) -> tuple[int, Any, str]:
        self.pages_read += 1
        size, page = min(int(query.get("per_page", ["30"])[0]), 100), int(query.get("page", ["1"])[0])
        found = [comment.document() for comment in self.comments if comment.issue == issue]
        further = f"{self.url}/repos/acme/banking/issues/{issue}/comments?per_page={size}&page={page + 1}"
        link = f'<{further}>; rel="next"' if len(found) > size * page else ""
        return 200, found[size * (page - 1) : size * page], link


class _Server(ThreadingHTTPServer):
    def server_bind(self) -> None:
        TCPServer.server_bind(self)  # HTTPServer.server_bind looks up the machine's name, which can take seconds


def _handler_of(github: FakeGitHub) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._reply()

        def do_POST(self) -> None:
            self._reply()

        def do_PATCH(self) -> None:
            self._reply()

        def _reply(self) -> None:
            raw = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            status, document, link = 401, {"message": "Bad credentials"}, ""
            if self.headers.get("Authorization") == f"token {TOKEN}":
                status, document, link = github.answer(self.command, self.path, json.loads(raw or b"null"))
            body = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            if link:
                self.send_header("Link", link)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments: object) -> None:
            """Suppress the log of requests."""

    return Handler
