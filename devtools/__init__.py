"""Tools for developers: diagrams and pictures of the documentation. Nothing of the product imports them."""
