"""Images for the chat."""

import io

import pytest
from PIL import Image, PngImagePlugin

from huizhen.api import chat_images as module
from huizhen.api.chat_images import as_pixels
from huizhen.api.problem import Problem


def image(kind: str, **more: object) -> bytes:
    out = io.BytesIO()
    made = Image.new("RGB", (8, 6))
    made.putdata([(x * 30, 0, 255 - x) for x in range(8)] * 6)
    made.save(out, kind, **more)
    return out.getvalue()


def test_pixels_stay_and_everything_else_goes() -> None:
    hidden = PngImagePlugin.PngInfo()
    hidden.add_text("PatientName", "CANARY")
    content = image("PNG", pnginfo=hidden) + b"<script>CANARY</script>"
    assert b"CANARY" in content
    pixels, media_type = as_pixels(content)
    assert media_type == "image/png"
    assert b"CANARY" not in pixels
    assert Image.open(io.BytesIO(pixels)).tobytes() == Image.open(io.BytesIO(content)).tobytes()
    exif = Image.Exif()
    exif[0x9286] = "CANARY"
    assert b"CANARY" not in as_pixels(image("JPEG", exif=exif))[0]


@pytest.mark.parametrize("content", [b"", b"<svg onload=alert(1)>", b"GIF89a", image("BMP"), image("GIF")])
def test_what_is_no_png_or_jpeg_is_refused(content: bytes) -> None:
    with pytest.raises(Problem, match="415"):
        as_pixels(content)


@pytest.mark.parametrize("content", [image("PNG")[:45], image("JPEG")[:200]])
def test_a_cut_image_is_refused(content: bytes) -> None:
    with pytest.raises(Problem, match=r"4(15|22)"):
        as_pixels(content)


def test_a_huge_image_is_refused_before_it_is_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SIDE_MAX", 7)
    with pytest.raises(Problem, match="422"):
        as_pixels(image("PNG"))
