"""Who may see the page and who may answer on it. It trusts nothing that a foreign page can send.

A page of another origin can make a browser of this machine send requests here, but it knows neither
the token nor a form's seal, and the browser says where the request comes from. Another name for
127.0.0.1 (a DNS name that is pointed here) is seen in Host.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from http import HTTPStatus

from flask import Request
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; "
    "img-src 'self' data:; form-action 'self'; connect-src 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
MOST_BYTES = 1 << 20
"""The largest answer that is read."""

Refusal = tuple[HTTPStatus, str]


class Guard:
    """The secrets of one run of the page, and what is asked of each request.

    `port` is set when the socket listens; before, every Host is foreign.
    """

    def __init__(self) -> None:
        self.token = secrets.token_urlsafe(32)
        self.port = 0
        self._seal_key = secrets.token_bytes(32)

    @property
    def cookie(self) -> str:
        """The cookie's name: cookies of one host are shared by all its ports."""
        return f"tractatus_{self.port}"

    @property
    def hosts(self) -> set[str]:
        """The names under which the page is to be reached."""
        return {f"127.0.0.1:{self.port}", f"localhost:{self.port}"}

    def refusal(self, request: Request) -> Refusal | None:
        """Why the request is refused; None if it is not."""
        if request.headers.get("Host", "") not in self.hosts:
            return HTTPStatus.FORBIDDEN, "This page is not served under that name."
        offered = request.args.get("token") if request.method == "GET" else None
        if offered is not None and not self._is_token(offered):
            return HTTPStatus.FORBIDDEN, "That token is not this page's."
        if offered is None and not self._is_token(request.cookies.get(self.cookie, "")):
            return HTTPStatus.UNAUTHORIZED, "Open the address that the terminal shows."
        if request.method not in ("GET", "HEAD", "OPTIONS") and not self._is_own(request):
            return HTTPStatus.FORBIDDEN, "Answers are taken from this page only."
        return None

    def admit(self, response: Response) -> None:
        """Let the browser in from now on."""
        response.set_cookie(self.cookie, self.token, httponly=True, samesite="Strict", path="/")

    def seal(self, form: str) -> str:
        """What a form of that name carries, and no other page can know."""
        return hmac.new(self._seal_key, form.encode(), hashlib.sha256).hexdigest()

    def is_sealed(self, form: str, fields: MultiDict[str, str]) -> bool:
        """Whether the fields come from the form of that name, as this run of the page wrote it."""
        return hmac.compare_digest(fields.get("seal", "").encode(), self.seal(form).encode())

    def _is_token(self, text: str) -> bool:
        return hmac.compare_digest(text.encode("utf-8", "replace"), self.token.encode())

    def _is_own(self, request: Request) -> bool:
        """Whether the browser says that a page of ours sent it.

        A page that sends no referrer has its forms sent with `Origin: null`.
        """
        origin = request.headers.get("Origin")
        site = request.headers.get("Sec-Fetch-Site")
        if site is not None and site != "same-origin":
            return False
        if origin in (None, "null"):
            return site == "same-origin"
        return origin == f"http://{request.headers.get('Host')}"
