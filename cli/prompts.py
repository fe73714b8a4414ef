"""`eschool prompts`: render the telephone's clips, list them, try a text, check that none is missing."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.voice import voice
from errors import OperationError
from settings import Settings

if TYPE_CHECKING:
    from prompts.render import Rendered

DynamicTexts = Callable[[Settings], Iterable[str]]
"""The texts that people entered (names, subjects, notes) for the given settings' database."""


def prompts_group(dynamic_texts: DynamicTexts) -> click.Group:
    """The commands; `dynamic_texts` gives what people entered, which this package cannot know."""

    @click.group("prompts", help="What the telephone says: Bulgarian texts, kept as clips on disk.")
    def group() -> None:
        pass

    @group.command("render", help="Render the clips that are missing and report what failed.")
    @click.option("--fixed", is_flag=True, help="Only phrases and values, not the names and texts in the database.")
    @click.option("--again", is_flag=True, help="Render every clip anew.")
    def render_command(fixed: bool, again: bool) -> None:
        import settings
        from prompts.render import render

        config = settings.load()
        rendered = render(config, _texts(config, dynamic_texts, fixed), progress=True, again=again)
        _report(config, rendered)

    @group.command("list", help="List phrase ids (or the names of recordings), clips and texts, separated by tabs.")
    @click.option("--fixed", is_flag=True, help="Only phrases and values, not the names and texts in the database.")
    @click.option("--missing", is_flag=True, help="Only texts that have no clip.")
    def list_command(fixed: bool, missing: bool) -> None:
        import settings
        from prompts.clips import Clips

        config = settings.load()
        clips = Clips(config)
        for text in sorted(_texts(config, dynamic_texts, fixed)):
            if not (missing and clips.find(text)):
                click.echo(f"{_identity(text)}\t{clips.name_of(text)}\t{text}")

    @group.command("say", help="Hear TEXT as a caller would, or write it to a .wav file.")
    @click.argument("text")
    @click.option("--play", is_flag=True, help="Play it on this machine (the default without --output).")
    @click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="A .wav file to write.")
    def say_command(text: str, play: bool, output: Path | None) -> None:
        import settings
        from prompts.say import play_wav, said, write_wav

        config = settings.load()
        wav = said(config, text)
        if output is not None:
            write_wav(output, wav)
        if play or output is None:
            play_wav(wav)

    @group.command("install-rhvoice", help="Unpack the voice RHVoice from Debian into the cache, unless it is there.")
    @click.option("--mirror", help="Another mirror of Debian, such as http://ftp.bg.debian.org/debian.")
    def install_command(mirror: str | None) -> None:
        import settings
        from prompts.voices.rhvoice_setup import MIRROR, install

        config = settings.load()
        install(config, lambda step: click.echo(f"RHVoice: {step}"), mirror=mirror or MIRROR)
        click.echo(f"RHVoice is in {config.rhvoice_path}.")

    @group.command("check", help="Check that everything the telephone can say has a clip; exit status 1 if not.")
    @click.option("--fixed", is_flag=True, help="Only phrases and values, not the names and texts in the database.")
    def check_command(fixed: bool) -> None:
        import settings
        from prompts.check import faults

        config = settings.load()
        texts = _texts(config, dynamic_texts, fixed)
        found = faults(config, texts)
        if found:
            raise OperationError(f"{' '.join(found)} Run `eschool prompts render`.")
        click.echo(f"All {len(texts)} texts have their clip in {config.sounds_path}.")

    @group.command("script", help="Print what a person reads who records the telephone's voice, in reading order.")
    @click.option("--phrases", "only_phrases", is_flag=True, help="Only whole phrases, not the pieces of numbers.")
    @click.option("--pdf", type=click.Path(dir_okay=False, path_type=Path), help="Write pages to print to this file.")
    def script_command(only_phrases: bool, pdf: Path | None) -> None:
        from prompts.recording import booklet
        from prompts.recording.script import phrases, script

        lines = phrases() if only_phrases else script()
        if pdf is None:
            click.echo("\n".join(booklet.as_text(lines)))
            return
        try:
            pdf.write_bytes(booklet.as_pdf(lines))
        except OSError as error:
            raise OperationError(f"{pdf} cannot be written ({error.strerror}): give another file.") from None
        click.echo(f"{len(lines)} lines to read are in {pdf}.")

    group.add_command(voice)
    return group


def _texts(config: Settings, dynamic_texts: DynamicTexts, fixed: bool) -> set[str]:
    """Everything that may be said."""
    from prompts.speech import inventory

    return set(inventory()).union(() if fixed else dynamic_texts(config))


def _identity(text: str) -> str:
    """Phrase id, or the name that a recording of any other text has."""
    from prompts.catalogue import PHRASES
    from prompts.voices.recorded import recording_name

    return next((phrase_id for phrase_id, phrase in PHRASES.items() if phrase == text), recording_name(text))


def _report(config: Settings, rendered: "Rendered") -> None:
    """Tell what was done. Raises OperationError when a text could not be spoken."""
    from prompts.report import failure, notes

    for note in notes(config.sounds_path, rendered):
        click.echo(note, err=True)
    click.echo(f"{rendered.made} clips made, {rendered.kept} were there, in {config.sounds_path}.")
    if reason := failure(rendered):
        raise OperationError(reason)
