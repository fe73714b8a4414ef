"""Texts that people enter (names, subjects, titles, notes) as pieces to say; rendered when they are entered."""

from prompts.speech import Sentence

PAUSES = ".,!?:;…"


def entered(text: str) -> Sentence:
    """One piece: white space folded, and a closing comma where no punctuation gives a breath.

    What says a text and what renders it ahead must both call this, for a clip is found by its exact text.
    """
    folded = " ".join(text.split())
    if not folded:
        return ()
    return (folded if folded[-1] in PAUSES else f"{folded},",)


def about(given_name: str) -> Sentence:
    """„За Мария“ as one piece, said in one breath."""
    folded = " ".join(given_name.split())
    return (f"За {folded}",) if folded else ()
