"""The application over a real register, with nothing faked, and a clock that the test moves."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from html import unescape

from starlette.applications import Starlette
from tests.journeys.client import Answer, Client
from tests.journeys.village import NOW, PASSWORD, Village, code_at


@dataclass
class Town:
    """Where officers sign in."""

    app: Starlette
    village: Village
    now: list[datetime] = field(default_factory=lambda: [NOW])

    async def signed_in(self, name: str, secret: str = "") -> Client:
        """Sign an officer in."""
        client = Client(self.app)
        await client.get("/sign-in")
        code = code_at(secret or self.village.secrets[name], self.now[0])
        answer = await client.post("/sign-in", {"name": name, "password": PASSWORD, "code": code})
        assert answer.status == 303, answer.text
        return client


async def found(client: Client, question: str, name: str) -> str:
    """Search for somebody and return the reference in the address of the record."""
    return ref_of(await client.post("/search", {"text": question}), name)


def ref_of(page: Answer, name: str) -> str:
    """Return the reference of somebody whom a page names."""
    hit = re.search(rf'href="/people/([\w-]+)">{name}<', page.text)
    assert hit, page.text
    return hit.group(1)


def hidden(page: Answer, address: str) -> dict[str, str]:
    """Return what the form of a page carries along."""
    form = page.text.partition(f'action="{address}"')[2].partition("</form>")[0]
    found = re.findall(r'<input[^>]* name="([\w-]+)"[^>]* value="([^"]*)"', form)
    return {name: unescape(value) for name, value in found if name != "form_token"}
