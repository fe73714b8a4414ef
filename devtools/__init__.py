"""Tools for developers: quick checks, telephones, pictures and diagrams. No code of the product imports them."""
