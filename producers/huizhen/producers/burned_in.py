"""Whether a source may show text that names the patient, and whether somebody chose what to do about it."""

from huizhen.producers.source import Description
from huizhen.schemas.profile import GENERIC, Profile

DRAWN_OVER = frozenset({"US", "IVUS", "ES"})  # modalities whose devices write name and number into the picture
WAY_OUT = "choose --profile NAME or FILE.toml (mask_always blanks at the station), or say --unmasked"


def why_unsafe(found: Description, profile: Profile) -> str:
    """Say why `generic`, which masks nothing, will not do for this source; empty where it will, or is not used."""
    if profile.id != GENERIC:
        return ""
    if found.kind in ("screen", "camera"):
        what = f"a {found.kind} may show names"
    elif found.modality in DRAWN_OVER:
        what = f"{found.modality} pictures usually name the patient"
    elif found.burned_in_annotation != "NO":
        said = f"is {found.burned_in_annotation}" if found.burned_in_annotation else "is missing"
        what = f"BurnedInAnnotation {said}, so the pictures may name the patient"
    else:
        return ""
    return f"{what}, and profile {GENERIC} masks nothing: {WAY_OUT}"
