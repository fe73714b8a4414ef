"""The product's version, for the package, the command line and the API's description."""

VERSION = "0.2.0"
