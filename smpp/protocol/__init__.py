"""SMPP 3.4 itself: PDUs, links and the parts of texts. It knows no school."""
