"""Images for the chat: pixels alone, coded anew. What a file holds besides (names, places, scripts) is left behind."""

import io
from typing import Literal

from PIL import Image, UnidentifiedImageError

from huizhen.api.problem import Problem

SIDE_MAX = 4_096
PIXELS_MAX = 8 << 20  # 32 MiB while it is decoded
QUALITY = 90
MEDIA: dict[str, Literal["image/png", "image/jpeg"]] = {"PNG": "image/png", "JPEG": "image/jpeg"}


def as_pixels(content: bytes) -> tuple[bytes, Literal["image/png", "image/jpeg"]]:
    """Decode a PNG or JPEG and code its pixels again; give them and their media type. Raises Problem 415 or 422."""
    try:
        with Image.open(io.BytesIO(content), formats=list(MEDIA)) as image:
            kind = str(image.format)
            columns, rows = image.size
            if max(rows, columns) > SIDE_MAX or rows * columns > PIXELS_MAX:
                raise Problem(422, f"{columns}x{rows} pixels: at most {SIDE_MAX} a side, {PIXELS_MAX} in all")
            pixels = image.convert("RGB")
    except UnidentifiedImageError as error:
        raise Problem(415, "an image is PNG or JPEG") from error
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise Problem(422, "the image cannot be read") from error
    out = io.BytesIO()
    pixels.save(out, kind, quality=QUALITY)
    return out.getvalue(), MEDIA[kind]
