"""SMPP 3.4 itself: PDUs, links, and splitting long messages. It knows no school."""
