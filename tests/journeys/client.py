"""A browser without a window: speaks ASGI to the application, keeps cookies, finds form tokens."""

import re
from dataclasses import dataclass, field
from urllib.parse import urlencode

from starlette.types import ASGIApp, Message


@dataclass
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    cookies: list[str]
    text: str
    body: bytes = b""


@dataclass
class Client:
    """One visitor."""

    app: ASGIApp
    cookies: dict[str, str] = field(default_factory=dict)
    accept: str = "text/html"
    language: str = "vi"

    async def get(self, address: str, **headers: str) -> Answer:
        """Ask for a page."""
        return await self.send("GET", address, b"", headers)

    async def post(self, address: str, values: dict[str, str], *, token: str | None = None, **headers: str) -> Answer:
        """Send a form, with the token of the page that it is on."""
        if token is None:
            token = await self.token()
        body = urlencode({"form_token": token, **values}).encode()
        return await self.send("POST", address, body, {"content-type": "application/x-www-form-urlencoded", **headers})

    async def token(self) -> str:
        """Return a token that a page of this session shows."""
        page = await self.get("/keys")
        found = re.search(r'name="form-token" content="([0-9a-f]*)"', page.text)
        assert found
        return found.group(1)

    async def send(self, method: str, address: str, body: bytes, headers: dict[str, str]) -> Answer:
        """Send a request and wait for all of the answer."""
        path, _, query = address.partition("?")
        sent = {"host": "testserver", "accept": self.accept, "accept-language": self.language}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        sent.setdefault("content-length", str(len(body)))
        if self.cookies:
            sent["cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": [(name.encode(), value.encode()) for name, value in sent.items()],
            "client": ("127.0.0.1", 1),
            "server": ("testserver", 80),
            "state": {},
        }
        messages: list[Message] = []

        async def receive() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Message) -> None:
            messages.append(message)

        await self.app(scope, receive, send)
        return self._answer(messages)

    def _answer(self, messages: list[Message]) -> Answer:
        start = next(m for m in messages if m["type"] == "http.response.start")
        body = b"".join(m.get("body", b"") for m in messages if m["type"] == "http.response.body")
        pairs = [(name.decode().lower(), value.decode()) for name, value in start["headers"]]
        cookies = [value for name, value in pairs if name == "set-cookie"]
        for cookie in cookies:
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value.strip('"')
            if "Max-Age=0" in cookie:
                del self.cookies[name]
        return Answer(start["status"], dict(pairs), cookies, body.decode(errors="replace"), body)
