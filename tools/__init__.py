"""Commands around the app, run by the Makefile."""
