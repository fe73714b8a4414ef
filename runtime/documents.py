"""The font of printed files: DejaVu Sans, which has Cyrillic and may be embedded (Bitstream Vera licence).

Debian's package fonts-dejavu-core brings it; other systems keep the same files elsewhere.
"""

from functools import cache
from pathlib import Path

from fpdf import FPDF

from errors import OperationError

__all__ = ["FAMILY", "document", "font_file"]

FAMILY = "DejaVu"
FOLDERS = (
    Path("/usr/share/fonts/truetype/dejavu"),  # Debian, Ubuntu
    Path("/usr/share/fonts/dejavu-sans-fonts"),  # Fedora
    Path("/usr/share/fonts/TTF"),  # Arch
    Path("/usr/share/fonts/dejavu"),
)


@cache
def font_file(name: str) -> Path:
    """The file of a cut, such as "DejaVuSans-Bold". Raises OperationError when it is not installed."""
    for folder in FOLDERS:
        path = folder / f"{name}.ttf"
        if path.exists():
            return path
    raise OperationError("The font DejaVu Sans is missing: install the package fonts-dejavu-core.")


def document(*, landscape: bool = False) -> FPDF:
    """An empty A4 document, in millimetres, in FAMILY, regular and bold ("B"); only the letters in use go in."""
    pdf = FPDF(orientation="landscape" if landscape else "portrait", unit="mm", format="A4")
    pdf.add_font(FAMILY, "", font_file("DejaVuSans"))
    pdf.add_font(FAMILY, "B", font_file("DejaVuSans-Bold"))
    pdf.set_font(FAMILY, "", 10)
    pdf.set_lang("bg")
    return pdf
