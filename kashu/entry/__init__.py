"""The edges that join the modules: web, worker, command line, demo."""
