"""The demo's web process: `python -m kashu.entry.demo.web`, on the demo's database."""

from kashu.entry.demo.settings import demo_settings
from kashu.entry.serve import serve_web

if __name__ == "__main__":
    serve_web(demo_settings())
