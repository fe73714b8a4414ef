"""Random and malicious input for the product as it runs: its gateway, voice server, exchange, pages and parsers.

Each module that is a part brings one target up, draws cases for it and says what went wrong with one. What was found
is kept as a file under `tests/fuzz/seeds/`, which the ordinary tests try again.
"""
