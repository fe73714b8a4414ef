"""The data model in the documentation is that of the models."""

from devtools.data_model import PAGE, page


def test_the_page_is_what_the_models_give() -> None:
    assert PAGE.read_text("utf-8") == page(), "run `python -m devtools.data_model` and commit the page"
