"""Which pages may open sockets: browsers send their origin, and a foreign page must not use a reader's session."""

from urllib.parse import urlsplit

from huizhen.schemas.settings import ApiSettings


def allowed_origins(api: ApiSettings, port: int) -> frozenset[str]:
    """Give the origins whose pages may open sockets: where the page is served, and those named."""
    own = {origin_of(api.public_url)} if api.public_url else {f"http://{api.host}:{port}", f"http://localhost:{port}"}
    return frozenset(own | {origin_of(origin) for origin in api.origins})


def origin_of(address: str) -> str:
    """Give the origin of an address (RFC 6454)."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}".lower()
