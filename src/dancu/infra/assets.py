"""Static files under a name that changes with their content, so that a browser may keep them for ever."""

import hashlib
import mimetypes
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

_HTMX_PACKAGE = "django-js-lib-htmx"
_HTMX_FILE = "js_lib_htmx/static/htmx/htmx.min.js"
_FOREVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True)
class Asset:
    """One file: its bytes and media type."""

    content: bytes
    media_type: str


class Assets:
    """Every static file of the pages, in memory, below one digest over them all.

    One digest, and not one per file, lets script modules import each other by relative names.
    """

    def __init__(self, files: dict[str, Asset]) -> None:
        self._files = files
        digest = hashlib.sha256()
        for name in sorted(files):
            digest.update(name.encode() + b"\0" + files[name].content + b"\0")
        self.digest = digest.hexdigest()[:12]

    def url(self, name: str) -> str:
        """Return the address of a file.

        Raises:
            KeyError: there is no such file; a template names what isn't shipped.
        """
        if name not in self._files:
            raise KeyError(name)
        return f"/static/{self.digest}/{name}"

    async def serve(self, request: Request) -> Response:
        """Answer `/static/{digest}/{name}`; an outdated digest gets the new file, not to be kept."""
        asset = self._files.get(request.path_params["name"])
        if asset is None:
            raise HTTPException(404)
        caching = _FOREVER if request.path_params["digest"] == self.digest else "no-cache"
        return Response(asset.content, media_type=asset.media_type, headers={"Cache-Control": caching})


def read_assets(*folders: Path) -> Assets:
    """Read the files of folders by their relative names, and htmx from the package that ships it.

    Raises:
        FileNotFoundError: the installation lacks htmx.
    """
    files = {
        path.relative_to(folder).as_posix(): _asset(path)
        for folder in folders
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    files["htmx.min.js"] = _asset(_htmx())
    return Assets(files)


def _htmx() -> Path:
    listed = metadata.files(_HTMX_PACKAGE) or []
    for file in listed:
        if file.as_posix() == _HTMX_FILE:
            return Path(str(file.locate()))
    raise FileNotFoundError(f"{_HTMX_PACKAGE} does not hold {_HTMX_FILE}")


def _asset(path: Path) -> Asset:
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    if path.suffix == ".js":
        kind = "text/javascript"
    if kind.startswith("text/"):
        kind += "; charset=utf-8"
    return Asset(path.read_bytes(), kind)
