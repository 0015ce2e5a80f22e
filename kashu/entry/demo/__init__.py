"""The demo: a shop that imports the samples and sells them, live or as fast as it can."""
